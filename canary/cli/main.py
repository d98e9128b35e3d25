"""The command ``canary``, also ``kubectl canary``.

Each command imports what it needs when it runs, so that help and version come at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from canary import __version__
from canary.cli.commands import PEOPLE

_HELP = ("-h", "-help", "--help")


@dataclass(frozen=True, slots=True)
class Command:
    """A command: what it is for, and what runs it (program name and arguments to exit code)."""

    help: str
    run: Callable[[str, Sequence[str]], int]


def _run(program: str, arguments: Sequence[str]) -> int:
    from canary.cli.run import run

    return run(program, arguments, os.environ)


def _version(program: str, arguments: Sequence[str]) -> int:
    if arguments:
        return _unexpected(program, "version", arguments[0])
    print(version())
    return 0


def _diagram(program: str, arguments: Sequence[str]) -> int:
    if arguments:
        return _unexpected(program, "diagram", arguments[0])
    from canary.rollout.diagram import render

    print(render(), end="")
    return 0


def _sandbox(program: str, arguments: Sequence[str]) -> int:
    from canary.cli.sandbox import run

    return run(program, arguments)


def _demo(program: str, arguments: Sequence[str]) -> int:
    from canary.cli.demo import run

    return run(program, arguments)


def _complete(arguments: Sequence[str]) -> int:
    from canary.cli.candidates import candidates

    others = {name: command.help for name, command in _OTHERS.items()}
    for value, meaning in candidates(arguments, others):
        print(f"{value}\t{meaning}" if meaning else value)
    return 0


def _for_people(name: str) -> Callable[[str, Sequence[str]], int]:
    def run(program: str, arguments: Sequence[str]) -> int:
        from canary.cli.invoke import invoke

        return invoke(name, program, arguments)

    return run


_OTHERS: Mapping[str, Command] = {
    "run": Command("run the engine", _run),
    "version": Command("print the version", _version),
    "diagram": Command("print the engine's rules and moves as a Mermaid diagram", _diagram),
    "sandbox": Command("run a cluster on this machine to try manifests on", _sandbox),
    "demo": Command("watch a good release promoted and a bad one rolled back", _demo),
}

COMMANDS: Mapping[str, Command] = {
    **{name: Command(command.summary, _for_people(name)) for name, command in PEOPLE.items()},
    **_OTHERS,
}


def version() -> str:
    """Name, version and what it stands in for."""
    return f"canary-engine version {__version__} (flagger.app/v1beta1 as of Flagger 1.44)"


def usage(program: str) -> str:
    """The help text."""
    commands = "\n".join(f"  {name:<12}{command.help}" for name, command in COMMANDS.items())
    return f"""\
Usage: {program} <command>

A progressive delivery engine for Kubernetes, a drop-in for flagger.app/v1beta1.

Commands:
{commands}

Examples:
  {program} get -A
  {program} status podinfo -n test --watch
  {program} wait podinfo -n test --timeout 45m
  {program} run -kubeconfig ~/.kube/config -mesh-provider gatewayapi:v1
  {program} run -mesh-provider=istio -metrics-server=http://prometheus:9090 -log-level=info
  {program} run -namespace=shop,billing -enable-leader-election=true

{program} COMMAND --help tells more about a command. Installed as kubectl-canary, it is
`kubectl canary` too.
"""


def main(arguments: Sequence[str] | None = None, program: str = "") -> int:
    """Run one command and give its exit code: 0 done, 1 failed, 2 not understood."""
    if arguments is None:
        arguments = sys.argv[1:]
    program = program or PurePath(sys.argv[0]).name.replace("kubectl-", "kubectl ")
    if not arguments:
        print(usage(program), end="", file=sys.stderr)
        return 2
    name, rest = arguments[0], arguments[1:]
    if name == "__complete":
        return _complete(rest)
    if name == "help" and rest and rest[0] in COMMANDS:
        name, rest = rest[0], ["--help"]
    if name in _HELP or name == "help":
        print(usage(program), end="")
        return 0
    if name in ("-version", "--version"):
        name = "version"
    command = COMMANDS.get(name)
    if command is None:
        hint = "options go after the command; " if name.startswith("-") else ""
        known = f"{hint}commands are {', '.join(COMMANDS)}"
        print(f"{program}: unknown command {name!r}: {known}", file=sys.stderr)
        return 2
    if name in ("version", "diagram") and rest and rest[0] in _HELP:
        print(f"Usage: {program} {name}\n\n{command.help}")
        return 0
    return command.run(program, rest)


def _unexpected(program: str, command: str, argument: str) -> int:
    print(f"{program} {command}: unexpected argument {argument!r}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
