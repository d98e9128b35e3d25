"""Command lines as programs written in Go read them, since that is what manifests hold.

``-flag=value``, ``-flag value``, each with one dash or two. A switch takes its value only after
``=``. Flags end at the first argument that is none, or after ``--``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from canary.cli.flags import Flag, Kind

_TRUE = frozenset(("1", "t", "T", "true", "TRUE", "True"))
_FALSE = frozenset(("0", "f", "F", "false", "FALSE", "False"))
_HELP = frozenset(("h", "help"))


class UsageError(Exception):
    """A command line that can't be meant; the text names the argument."""


class HelpAsked(Exception):
    """``-h`` or ``-help`` is among the flags."""


def parse(arguments: Sequence[str], flags: Mapping[str, Flag]) -> dict[str, str]:
    """The flags that were given, as text; the last of several counts.

    Raises UsageError and HelpAsked. Values of switches come out as ``true`` or ``false``; other
    values aren't looked at.
    """
    given: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if argument == "--":
            break
        if len(argument) < 2 or not argument.startswith("-"):
            rest.insert(0, argument)
            break
        name, equals, value = _split(argument)
        flag = flags.get(name)
        if flag is None:
            if name in _HELP:
                raise HelpAsked
            raise UsageError(f"flag provided but not defined: -{name}")
        if flag.kind is Kind.SWITCH:
            value = _switch(name, value if equals else "true")
        elif not equals:
            if not rest:
                raise UsageError(f"flag needs an argument: -{name}")
            value = rest.pop(0)
        given[name] = value
    if rest:
        raise UsageError(
            f"unexpected argument {rest[0]!r}: only flags are accepted, "
            "and a switch takes its value after ="
        )
    return given


def _split(argument: str) -> tuple[str, bool, str]:
    text = argument[2:] if argument.startswith("--") else argument[1:]
    if text.startswith(("-", "=")):
        raise UsageError(f"bad flag syntax: {argument}")
    name, equals, value = text.partition("=")
    return name, bool(equals), value


def _switch(name: str, value: str) -> str:
    if value in _TRUE:
        return "true"
    if value in _FALSE:
        return "false"
    raise UsageError(f"invalid value {value!r} for flag -{name}: accepted are true and false")
