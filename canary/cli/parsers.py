"""Command lines of the commands for people, after kubectl's ways."""

from __future__ import annotations

import argparse
from typing import Any

from canary.cli.declaration import Argument, Option, PeopleCommand


def parser(program: str, name: str, command: PeopleCommand) -> argparse.ArgumentParser:
    """The parser of one command; it prints its own help, and exits with 2 on a wrong line."""
    built = argparse.ArgumentParser(
        prog=f"{program} {name}",
        description=sentence(command.summary),
        epilog=_epilog(program, command),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    built.set_defaults(command=name)
    if command.argument:
        _add_argument(built, command.argument)
    for option in command.options:
        _add_option(built, option)
    return built


def sentence(summary: str) -> str:
    """A summary as a sentence."""
    return f"{summary[0].upper()}{summary[1:]}."


def _epilog(program: str, command: PeopleCommand) -> str:
    lines = ["examples:", *(f"  {example}" for example in command.examples)]
    if command.notes:
        lines += ["", command.notes]
    return "\n".join(lines).replace("{program}", program)


def _add_argument(built: argparse.ArgumentParser, argument: Argument) -> None:
    extra: dict[str, Any] = {"nargs": argument.count} if argument.count else {}
    if argument.choices:
        extra["choices"] = argument.choices
    metavar = argument.name if not argument.choices else "|".join(argument.choices)
    built.add_argument(argument.name.lower(), metavar=metavar, help=argument.help, **extra)


def _add_option(built: argparse.ArgumentParser, option: Option) -> None:
    if not option.metavar:
        built.add_argument(*option.names, action="store_true", help=option.help)
        return
    built.add_argument(
        *option.names,
        help=option.help,
        metavar=option.metavar,
        choices=option.choices or None,
        required=option.required,
        action="append" if option.several else "store",
        default=[] if option.several else option.default,
        dest=option.names[-1].lstrip("-").replace("-", "_"),
    )
