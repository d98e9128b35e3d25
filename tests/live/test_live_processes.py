"""Applications and other children as real processes: what they answer, and that none is left."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from contextlib import asynccontextmanager

import aiohttp
import pytest

from canary.sandbox.live import runtime
from canary.sandbox.live.behaviour import application
from canary.sandbox.live.supervise import ChildFailed, Supervisor

LIMIT = 20
"""Seconds after which a test has failed; none of them waits for time to pass."""


@asynccontextmanager
async def serving(image):
    """An application of this image: its child and its address."""
    with Supervisor() as supervisor:
        command = [sys.executable, "-I", "-S", runtime._APP, "--pod", "pod-1"]
        command += application(image).arguments()
        child = await supervisor.start("app", command, output=subprocess.PIPE)
        line = await child.process.stdout.readline()
        # The client must not be the one who closes: whether the application does is looked at.
        connector = aiohttp.TCPConnector(keepalive_timeout=10 * LIMIT)
        address = f"http://127.0.0.1:{int(line)}"
        async with aiohttp.ClientSession(address, connector=connector) as session:
            yield child, session
        await supervisor.stop()


async def statuses(session, count):
    found = []
    for _ in range(count):
        async with session.get("/") as response:
            # A body that is left unread would close the connection.
            await response.read()
            found.append(response.status)
    return found


@pytest.mark.asyncio
async def test_a_healthy_application():
    async with serving("app:1.0.0") as (_, session):
        async with session.get("/any/path?q=1", headers={"Host": "shop.example"}) as response:
            assert response.status == 200
            assert response.headers["X-Revision"] == "1.0.0"
            assert response.headers["X-Pod"] == "pod-1"
        async with session.get("/readyz") as response:
            assert response.status == 200


@pytest.mark.asyncio
async def test_the_share_of_errors_is_exact_and_counted():
    async with serving("app:1-bad30") as (_, session):
        found = await statuses(session, 20)
        assert (found.count(500), found.count(200)) == (6, 14)
        async with session.get("/metrics") as response:
            text = await response.text()
    counts = re.findall(r'_seconds_count\{method="GET",status="(\d+)"\} (\d+)', text)
    # Probes and scrapes are no requests of users.
    assert dict(counts) == {"200": "14", "500": "6"}


@pytest.mark.asyncio
async def test_a_body_is_read_and_the_connection_goes_on():
    async with serving("app:1") as (_, session):
        for _ in range(2):
            async with session.post("/", data=b"x" * 100_000) as response:
                assert response.status == 200


@pytest.mark.asyncio
async def test_never_ready_and_not_ready_yet_answer_503():
    for image in ("app:1-neverready", "app:1-startup600s"):
        async with serving(image) as (_, session), session.get("/readyz") as response:
            assert response.status == 503


@pytest.mark.asyncio
async def test_a_crash_is_exit_code_1():
    async with serving("app:1-crash") as (child, _), asyncio.timeout(LIMIT):
        assert await child.process.wait() == 1


@pytest.mark.asyncio
async def test_sigterm_ends_an_idle_application():
    async with serving("app:1") as (child, session), asyncio.timeout(LIMIT):
        assert await statuses(session, 1) == [200]
        child.process.terminate()
        # The kept-alive connection of this session would hold it open for ever.
        assert await child.process.wait() == 0


@pytest.mark.asyncio
async def test_leaving_the_supervisor_kills_what_still_runs():
    with Supervisor() as supervisor:
        stubborn = "import signal,time;signal.signal(15,1);print('on',flush=True);time.sleep(999)"
        command = [sys.executable, "-c", stubborn]
        child = await supervisor.start("stubborn", command, output=subprocess.PIPE)
        assert await child.process.stdout.readline() == b"on\n"
        folder = supervisor.folder
    assert not folder.exists()
    async with asyncio.timeout(LIMIT):
        assert await child.process.wait() == -signal.SIGKILL


@pytest.mark.asyncio
async def test_a_child_that_ignores_sigterm_is_killed():
    with Supervisor() as supervisor:
        stubborn = "import signal,time;signal.signal(15,1);print('on',flush=True);time.sleep(999)"
        command = [sys.executable, "-c", stubborn]
        child = await supervisor.start("stubborn", command, output=subprocess.PIPE)
        assert await child.process.stdout.readline() == b"on\n"
        assert await supervisor.end(child, kill_after=0.01) == -signal.SIGKILL


@pytest.mark.asyncio
async def test_a_program_that_is_not_there_ends_with_its_name_in_the_log():
    with Supervisor() as supervisor:
        child = await supervisor.start("ghost", ["/no/such/program"])
        assert await supervisor.ended(child) != 0
        failure = child.failure("ended")
    assert isinstance(failure, ChildFailed)
    assert "ghost ended" in str(failure) and "No such file" in str(failure)


PARENT = """
import asyncio, sys
from canary.sandbox.live.supervise import Supervisor

async def main():
    with Supervisor() as supervisor:
        sleep = [sys.executable, "-c", "import time; time.sleep(999)"]
        child = await supervisor.start("sleeper", sleep, output=1)
        print(supervisor.folder, flush=True)
        await child.process.wait()

asyncio.run(main())
"""


def test_nothing_outlives_a_parent_that_is_killed():
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    folder = parent.stdout.readline().strip()
    parent.kill()
    # Child and warden hold the other end of this pipe: it ends when both have, and not before.
    out, _ = parent.communicate(timeout=LIMIT)
    assert out == ""
    assert not os.path.exists(folder)


def test_the_warden_alone_is_enough(tmp_path):
    # On systems without a parent-death signal it is all there is.
    folder = tmp_path / "sandbox"
    folder.mkdir()
    sleeper = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(999)"], start_new_session=True
    )
    other = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(999)"], start_new_session=True
    )
    warden = runtime._APP.replace("app.py", "warden.py")
    lines = f"+{sleeper.pid}\n+{other.pid}\n-{other.pid}\n"
    try:
        subprocess.run([sys.executable, warden, str(folder)], input=lines, text=True, check=True)
        assert sleeper.wait(LIMIT) == -signal.SIGKILL
        # It has ended as far as the warden knows: its number may be somebody else's by now.
        assert other.poll() is None
        assert not folder.exists()
    finally:
        for process in (sleeper, other):
            process.kill()
            process.wait()
