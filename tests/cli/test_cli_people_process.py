"""The commands as processes of their own: help, exit codes, terminals, shells, real kubeconfigs."""

from __future__ import annotations

import asyncio
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from people_loopback import MAIN, canary, cluster, environment, ran, unreachable

from canary.cli.commands import PEOPLE

HEAVY = ("aiohttp", "pydantic", "kubernetes_asyncio", "prometheus_client")


@pytest.mark.parametrize("name", PEOPLE)
def test_help_has_examples_and_imports_nothing_heavy(name: str) -> None:
    code = (
        "import sys\n"
        "from canary.cli.main import main\n"
        f"code = main([{name!r}, '--help'], 'kubectl canary')\n"
        f"print(code, [name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr.splitlines()[-1] == "0 []"
    assert f"\n  kubectl canary {name}" in done.stdout.partition("examples:")[2]
    assert "{program}" not in done.stdout


def test_help_names_every_command() -> None:
    done = canary("--help")
    assert all(f"\n  {name} " in done.stdout for name in PEOPLE)
    assert canary("help", "wait").stdout == canary("wait", "--help").stdout


def test_the_exit_codes_of_wait_are_in_its_help() -> None:
    text = canary("wait", "--help").stdout.partition("exit codes:")[2]
    assert [line.split()[0] for line in text.strip().splitlines()] == list("012345")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["get", "-o", "xml"], "json"),
        (["get", "--nothing"], "--nothing"),
        (["status"], "NAME"),
        (["wait", "a", "--for", "lunch"], "promoted"),
        (["install"], "--image"),
        (["completion", "csh"], "bash"),
        (["crds", "x"], "x"),
        (["install", "--image", "a", "--mesh-provider", "b"], "'b'"),
        (["-n", "test", "get"], "options go after the command"),
    ],
)
def test_what_can_not_be_meant_is_2_and_named(arguments: list[str], named: str) -> None:
    done = canary(*arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert named in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["get"], 1), (["status", "a"], 1), (["events"], 1), (["wait", "a"], 5)],
)
def test_a_cluster_that_does_not_answer(tmp_path: Path, arguments: list[str], code: int) -> None:
    done = canary(*arguments, "--kubeconfig", unreachable(tmp_path))
    (line,) = done.stderr.splitlines()
    assert done.returncode == code
    assert "the cluster doesn't answer" in line and "--context" in line


def test_no_kubeconfig_and_no_such_context(tmp_path: Path) -> None:
    done = canary("get")
    assert done.returncode == 1 and "set KUBECONFIG" in done.stderr
    done = canary("get", "--context", "moon", KUBECONFIG=unreachable(tmp_path))
    assert (
        done.returncode == 1
        and "'moon'" in done.stderr
        and "here, nowhere, stranger" in done.stderr
    )


def test_a_kubeconfig_without_its_cluster(tmp_path: Path) -> None:
    path = tmp_path / "config"
    context = {"name": "a", "context": {"cluster": "gone", "user": "gone"}}
    path.write_text(yaml.safe_dump({"current-context": "a", "contexts": [context]}))
    done = canary("get", KUBECONFIG=str(path))
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1 and "context a of the kubeconfig" in line


@pytest.mark.asyncio
async def test_the_context_leads_to_cluster_and_namespace(tmp_path: Path) -> None:
    async with cluster(tmp_path) as environ:
        done = await ran("get", "--context", "here", **environ)
        assert done.returncode == 0 and done.stderr == ""
        assert done.stdout.splitlines()[1].split()[:2] == ["podinfo", "Succeeded"]
        done = await ran("get", "--context=here", "-n", "default", **environ)
        assert done.stdout == "There are no Canaries in namespace default.\n"
        done = await ran("wait", "podinfo", "--context", "here", "--for=failed", **environ)
        assert done.returncode == 1
        done = await ran("get", "--context", "stranger", **environ)
        assert done.returncode == 1 and "log in again" in done.stderr


def on_a_terminal(*arguments: str, **environ: str) -> str:
    """What a terminal gets to see."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([*MAIN, *arguments], env=environment(**environ), stdout=theirs)
    os.close(theirs)
    try:
        shown = b"".join(_read(ours))
    finally:
        os.close(ours)
        assert process.wait(timeout=60) == 0
    return shown.decode()


def _read(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            found = os.read(terminal, 4096)
        except OSError:
            # How Linux says that the other end is closed.
            return
        if not found:
            return
        yield found


@pytest.mark.asyncio
async def test_colour_is_for_terminals(tmp_path: Path) -> None:
    async with cluster(tmp_path) as environ:
        words = ("status", "podinfo", "--context", "here")
        assert "\x1b" not in (await ran(*words, **environ)).stdout
        shown = await asyncio.to_thread(on_a_terminal, *words, **environ)
        assert "\x1b[32mSucceeded\x1b[0m" in shown
        shown = await asyncio.to_thread(on_a_terminal, *words, NO_COLOR="1", **environ)
        assert "\x1b" not in shown and "Succeeded" in shown


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    script = f"'{sys.executable}' -m canary.cli.main crds | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", script], env=environment(), capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "---\n0\n" and done.stderr == ""


def test_kubectl_names_it_in_two_words(tmp_path: Path) -> None:
    plugin = tmp_path / "kubectl-canary"
    plugin.write_text(
        f"#!{sys.executable}\nimport sys\nfrom canary.cli.main import main\nsys.exit(main())\n"
    )
    plugin.chmod(0o755)
    done = subprocess.run(
        [plugin, "wait", "--help"], env=environment(), capture_output=True, text=True, timeout=60
    )
    assert done.stdout.startswith("usage: kubectl canary wait ")
