"""What a command for people consists of: parser, help and shell completion are made of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """An option; without ``metavar`` it is a switch. ``several``: it may be given repeatedly."""

    names: tuple[str, ...]
    help: str
    metavar: str = ""
    choices: tuple[str, ...] = ()
    default: str = ""
    required: bool = False
    several: bool = False


@dataclass(frozen=True, slots=True)
class Argument:
    """A positional argument; ``count`` as in argparse (empty: exactly one)."""

    name: str
    help: str
    count: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PeopleCommand:
    """A command: ``module`` has the function ``run``; ``cluster``: it talks to an API server.

    ``trouble`` is the exit code when the cluster can't be asked. ``examples`` and ``notes`` are
    shown by ``--help``; ``{program}`` stands for the name that the program was called by.
    """

    summary: str
    module: str
    examples: tuple[str, ...]
    options: tuple[Option, ...] = ()
    argument: Argument | None = None
    cluster: bool = True
    notes: str = ""
    trouble: int = 1
