"""The command as people start it, each time in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from canary import __version__

HEAVY = ("aiohttp", "pydantic", "kubernetes_asyncio", "prometheus_client")


def canary(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "canary.cli.main", *arguments],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments", [["--help"], ["help"], ["version"], ["run", "-h"], ["run", "-version"], []]
)
def test_help_and_version_import_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "from canary.cli.main import main\n"
        f"main({arguments!r}, 'canary')\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr.splitlines()[-1] == "[]"


@pytest.mark.parametrize("argument", ["--help", "-h", "help"])
def test_help(argument: str) -> None:
    done = canary(argument)
    assert done.returncode == 0
    assert all(f"\n  {name} " in done.stdout for name in ("run", "version", "diagram"))
    assert done.stderr == ""


@pytest.mark.parametrize("argument", ["version", "--version", "-version"])
def test_version(argument: str) -> None:
    done = canary(argument)
    assert done.returncode == 0
    assert __version__ in done.stdout and "Flagger 1.44" in done.stdout


def test_run_knows_its_version_too() -> None:
    # operations.md section 1 row 1: -version prints and exits 0.
    done = canary("run", "-version")
    assert (done.returncode, done.stdout) == (0, canary("version").stdout)


def test_no_command_is_a_question_not_understood() -> None:
    done = canary()
    assert done.returncode == 2
    assert done.stdout == "" and done.stderr.startswith("Usage: ")


def test_an_unknown_command_is_named_with_those_there_are() -> None:
    done = canary("rum")
    assert done.returncode == 2
    assert "'rum'" in done.stderr and "run, version, diagram" in done.stderr


@pytest.mark.parametrize("command", ["version", "diagram"])
def test_commands_without_arguments_refuse_them(command: str) -> None:
    done = canary(command, "x")
    assert done.returncode == 2
    assert "'x'" in done.stderr


def test_the_diagram_is_mermaid() -> None:
    done = canary("diagram")
    assert done.returncode == 0
    assert done.stdout.startswith(("stateDiagram", "flowchart", "---"))


# operations.md section 1 row 1: -h is 0, an unknown flag is 2.
def test_help_of_run_lists_the_flags() -> None:
    done = canary("run", "--help")
    assert done.returncode == 0
    assert "\n  -mesh-provider" in done.stdout and done.stderr == ""


@pytest.mark.parametrize(
    ("argument", "named"),
    [("-unknown", "-unknown"), ("-ingress-class=s3cret", "-ingress-class"), ("-port=x", "-port")],
)
def test_flags_that_can_not_be_meant_are_one_line(argument: str, named: str) -> None:
    done = canary("run", argument)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert named in line and "s3cret" not in line


def test_a_refused_flag_is_named_without_its_value() -> None:
    done = canary("run", "-kubeconfig-service-mesh=/s3cret")
    assert done.returncode == 2
    assert "-kubeconfig-service-mesh" in done.stderr and "s3cret" not in done.stderr
