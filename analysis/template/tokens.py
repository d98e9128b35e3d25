"""Words of the template language."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from analysis.template.display import quote


class Kind(Enum):
    """What a token is; keywords are told apart by their text."""

    TEXT = auto()
    OPEN = auto()
    CLOSE = auto()
    WORD = auto()
    KEYWORD = auto()
    FIELD = auto()
    VARIABLE = auto()
    STRING = auto()
    CHAR = auto()
    NUMBER = auto()
    DECLARE = auto()
    ASSIGN = auto()
    PIPE = auto()
    LEFT = auto()
    RIGHT = auto()
    COMMA = auto()
    DOT = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """``at`` is an offset in characters; ``spaced`` tells whether white space came before it."""

    kind: Kind
    text: str
    at: int
    line: int
    spaced: bool = False

    def __str__(self) -> str:
        if self.kind is Kind.END:
            return "EOF"
        if self.kind is Kind.KEYWORD:
            return f"<{self.text}>"
        return quote(self.text)
