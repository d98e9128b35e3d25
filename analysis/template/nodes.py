"""What a template is made of. ``str`` of a node is how an error quotes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal as OneOf

Value = None | bool | int | float | str | Mapping[str, str]
"""What an expression can yield."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant; ``text`` is its spelling."""

    at: int
    text: str
    value: Value

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Dot:
    """The current value."""

    at: int

    def __str__(self) -> str:
        return "."


@dataclass(frozen=True, slots=True)
class Nil:
    """The literal ``nil``."""

    at: int

    def __str__(self) -> str:
        return "nil"


@dataclass(frozen=True, slots=True)
class Call:
    """The name of a function."""

    at: int
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Field:
    """``.a.b``: keys looked up from the current value."""

    at: int
    keys: tuple[str, ...]

    def __str__(self) -> str:
        return "".join(f".{key}" for key in self.keys)


@dataclass(frozen=True, slots=True)
class Variable:
    """``$x.a``: a variable, and keys looked up from it."""

    at: int
    name: str
    keys: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ".".join((self.name, *self.keys))


@dataclass(frozen=True, slots=True)
class Chain:
    """``fn.a`` or ``(...).a``: keys looked up from the value of an operand."""

    at: int
    operand: Operand
    keys: tuple[str, ...]

    def __str__(self) -> str:
        inner = f"({self.operand})" if isinstance(self.operand, Pipe) else str(self.operand)
        return ".".join((inner, *self.keys))


@dataclass(frozen=True, slots=True)
class Command:
    """An operand, or a function with arguments."""

    at: int
    args: tuple[Operand, ...]

    def __str__(self) -> str:
        return " ".join(f"({arg})" if isinstance(arg, Pipe) else str(arg) for arg in self.args)


@dataclass(frozen=True, slots=True)
class Pipe:
    """Commands, each fed with the value of the one before; the last value may go to variables."""

    at: int
    variables: tuple[str, ...]
    assigns: bool
    commands: tuple[Command, ...]

    def __str__(self) -> str:
        commands = " | ".join(map(str, self.commands))
        if not self.variables:
            return commands
        return f"{', '.join(self.variables)} {'=' if self.assigns else ':='} {commands}"


Operand = Literal | Dot | Nil | Call | Field | Variable | Chain | Pipe


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text."""

    at: int
    text: str

    def __str__(self) -> str:
        return f'"{self.text[:20]}..."' if len(self.text) > 20 else f'"{self.text}"'


@dataclass(frozen=True, slots=True)
class Action:
    """A pipe whose value is written, unless it goes to a variable."""

    at: int
    pipe: Pipe


@dataclass(frozen=True, slots=True)
class Branch:
    """``if``, ``with`` or ``range``."""

    at: int
    word: OneOf["if", "with", "range"]
    pipe: Pipe
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


Node = Text | Action | Branch
