"""Where text goes: colour and redrawing only where a terminal shows them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TextIO


class Colour(Enum):
    """What a colour is used for."""

    GOOD = "32"
    BUSY = "33"
    BAD = "31"
    DIM = "2"
    STRONG = "1"


_PHASES = {
    "Initialized": Colour.GOOD,
    "Succeeded": Colour.GOOD,
    "Failed": Colour.BAD,
}


def phase_colour(phase: str) -> Colour:
    """The colour of a phase."""
    return _PHASES.get(phase, Colour.BUSY)


def plain(text: str) -> str:
    """``text`` on one line and without control characters: whoever writes an event or a condition
    must not steer the terminal that shows it."""
    return "".join(
        char if char.isprintable() else " " if char.isspace() else "?" for char in text
    ).strip()


@dataclass(frozen=True, slots=True)
class Terminal:
    """A stream. ``colour``: escape sequences may be used; ``boxes``: it can show box characters;
    ``live``: what was written can be drawn over."""

    stream: TextIO
    colour: bool = False
    boxes: bool = True
    live: bool = False

    @classmethod
    def of(cls, stream: TextIO, environ: Mapping[str, str]) -> Terminal:
        """What ``stream`` is capable of; ``NO_COLOR`` and ``TERM=dumb`` are respected."""
        if isinstance(stream, io.TextIOWrapper):
            # A name that the locale can't show must not end the program.
            stream.reconfigure(errors="replace")
        able = stream.isatty() and environ.get("TERM", "") not in ("", "dumb")
        encoding = (getattr(stream, "encoding", None) or "").lower()
        return cls(
            stream,
            colour=able and not environ.get("NO_COLOR"),
            boxes=encoding.startswith("utf"),
            live=able,
        )

    def paint(self, text: str, colour: Colour) -> str:
        """``text`` in a colour, where there are any."""
        return f"\x1b[{colour.value}m{text}\x1b[0m" if self.colour and text else text

    def write(self, *lines: str) -> None:
        """Lines, at once: a pipe's other end sees them when they are true."""
        self.stream.write("".join(f"{line}\n" for line in lines))
        self.stream.flush()

    def redraw(self, *lines: str) -> None:
        """The lines in place of what the terminal shows."""
        body = "".join(f"{line}\x1b[K\n" for line in lines)
        self.stream.write(f"\x1b[H{body}\x1b[J")
        self.stream.flush()


@dataclass(slots=True)
class Table:
    """Columns that stay where they are while rows come in."""

    header: Sequence[str]
    widths: list[int] = field(default_factory=list)

    def rows(self, rows: Sequence[Sequence[str]]) -> list[str]:
        """The rows, aligned with each other and with all rows before."""
        cells = [[plain(cell) or "-" for cell in row] for row in rows]
        before = self.widths or [len(title) for title in self.header]
        self.widths = [
            max([width, *(len(row[i]) for row in cells)]) for i, width in enumerate(before)
        ]
        return [self._line(row) for row in cells]

    def titles(self) -> str:
        """The header, as wide as the rows so far."""
        self.widths = self.widths or [len(title) for title in self.header]
        return self._line(self.header)

    def _line(self, row: Sequence[str]) -> str:
        *first, last = zip(row, self.widths, strict=True)
        return "".join(f"{cell:<{width}}   " for cell, width in first) + last[0]


def span(seconds: float) -> str:
    """A time as kubectl shows ages: ``45s``, ``3m20s``, ``25m``, ``5h10m``, ``30h``, ``12d``."""
    left = max(0, int(seconds))
    minutes, hours, days = left // 60, left // 3600, left // 86400
    if minutes < 2:
        return f"{left}s"
    if minutes < 10:
        return _two(minutes, "m", left % 60, "s")
    if hours < 3:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return _two(days, "d", hours % 24, "h")
    if days < 730:
        return f"{days}d"
    return _two(days // 365, "y", days % 365 if days < 2920 else 0, "d")


def _two(large: int, unit: str, small: int, smaller: str) -> str:
    return f"{large}{unit}{small}{smaller}" if small else f"{large}{unit}"
