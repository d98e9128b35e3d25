"""The commands as users run them: side by side, interrupted, killed, and the whole demo."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

import pytest

from bench.process import until
from canary.sandbox.live.sandbox import Wanted, running
from tests.live.live_rig import LIMIT, PAIR

pytestmark = pytest.mark.live


@pytest.mark.asyncio
async def test_two_sandboxes_stand_side_by_side():
    async with running(Wanted(load=0.0)) as one, running(Wanted(load=0.0)) as two:
        assert not {one.api, one.traffic, one.prometheus} & {two.api, two.traffic, two.prometheus}
        assert one.supervisor.folder != two.supervisor.folder


def _start(*arguments, command="sandbox", **options):
    code = (
        f"import sys; from canary.cli.{command} import run; sys.exit(run('canary', sys.argv[1:]))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_leaves_nothing_behind(number, tmp_path):
    manifest = tmp_path / "pair.yaml"
    manifest.write_text(PAIR.format(name="old", image="shop:1"))
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    process = _start("-f", str(manifest), env=environment)
    lines = iter(process.stdout.readline, "")
    assert any("ready after" in line for line in lines)
    process.send_signal(number)
    # All processes of the sandbox hold the other end of this pipe, or end with those that do.
    out, _ = process.communicate(timeout=LIMIT)
    assert "Traceback" not in out
    assert process.returncode == (-number if number == signal.SIGKILL else 0)
    assert list(tmp_path.iterdir()) == [manifest]


MOMENTS = ("*", "*/kubeconfig", "*/envoy", "*/envoy.log", "*/prometheus", "*/prometheus/data/*")
"""What lies in the folder of temporary files at moments of the start, in their order."""


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("command", ["sandbox", "demo"])
def test_ctrl_c_during_the_start_leaves_nothing_behind(command, moment, tmp_path):
    process = _start(command=command, env=os.environ | {"TMPDIR": str(tmp_path)})
    until(lambda: list(tmp_path.glob(moment)), moment, limit=LIMIT)
    process.send_signal(signal.SIGINT)
    # Whoever is impatient must not break off the clean-up.
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=LIMIT)
    assert "Traceback" not in out
    assert process.returncode == (0 if command == "sandbox" else 130), out
    assert list(tmp_path.iterdir()) == []


def test_the_whole_demo():
    process = _start(command="demo", env=os.environ | {"NO_COLOR": "1"})
    out, _ = process.communicate(timeout=180)
    assert process.returncode == 0, out
    assert re.search(r"shop:1\.1\.0 was promoted after", out), out
    assert re.search(r"shop:1\.2\.0-bad30 was rolled back after", out), out
    steps = re.findall(r"weight of the canary: (.*)", out)
    # stepWeight 20, maxWeight 60; the bad revision never gets beyond its first step.
    assert [re.findall(r"\d+", one) for one in steps] == [
        ["0", "20", "40", "60", "0"],
        ["0", "20", "0"],
    ]
    rows = re.findall(r"(shop:\S+) +(\d+) requests, +(\d+) of them .*, +(\d+) failed", out)
    failed = {image: int(count) for image, _, _, count in rows}
    assert failed["shop:1.0.0"] == failed["shop:1.1.0"] == 0, out
    served = {image: int(count) for image, _, count, _ in rows}
    assert 0 < failed["shop:1.2.0-bad30"] < served["shop:1.2.0-bad30"], out
    assert "Where to go next" in out
