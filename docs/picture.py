"""``python docs/picture.py``: run the demo in a terminal and draw what it showed, as docs/demo.svg.

The frame is the last one in which the bad revision had its first failed check: nothing is staged.
"""

from __future__ import annotations

import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fcntl import ioctl
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

COLUMNS, ROWS = 100, 40
CELL, LINE, SIZE = 8.4, 19, 14
"""Width and height of a character and its font size, in pixels."""
PAPER, INK = "#0d1117", "#e6edf3"
STYLES = {"1": "font-weight:bold", "2": "fill:#8b949e", "31": "fill:#ff7b72", "32": "fill:#3fb950",
          "33": "fill:#d29922"}  # fmt: skip

_SEQUENCE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)|(\x1b)")
_END = b"\x1b[J"
Cell = tuple[str, str]


@dataclass
class Screen:
    """As much of a terminal as ``canary.cli.terminal`` and the demo write to; lines never wrap
    before ``columns``."""

    columns: int = COLUMNS
    lines: list[list[Cell]] = field(default_factory=lambda: [[]])
    row: int = 0
    column: int = 0
    style: str = ""

    def feed(self, text: str) -> None:
        """Show ``text``."""
        for numbers, command, control, plain, _ in _SEQUENCE.findall(text):
            if command:
                self._obey(numbers, command)
            elif control == "\n":
                self._down()
            elif control == "\r":
                self.column = 0
            for char in plain:
                self._put(char)

    def text(self) -> str:
        """What it shows, without colours."""
        return "\n".join("".join(char for char, _ in line).rstrip() for line in self.lines).rstrip()

    def _obey(self, numbers: str, command: str) -> None:
        if command == "A":
            self.row, self.column = max(0, self.row - int(numbers or 1)), 0
        elif command == "K":
            del self.lines[self.row][self.column :]
        elif command == "J":
            del self.lines[self.row][self.column :]
            del self.lines[self.row + 1 :]
        elif command == "m":
            self.style = "" if numbers in ("", "0") else numbers

    def _down(self) -> None:
        self.row += 1
        if self.row == len(self.lines):
            self.lines.append([])

    def _put(self, char: str) -> None:
        if self.column == self.columns:
            self._down()
            self.column = 0
        line = self.lines[self.row]
        line += [(" ", "")] * (self.column + 1 - len(line))
        line[self.column] = (char, self.style)
        self.column += 1


def svg(screen: Screen) -> str:
    """A picture of the screen."""
    shown = screen.text().count("\n") + 1
    width, height = round(screen.columns * CELL) + 32, shown * LINE + 32
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}">',
            f'<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>',
            f'<g font-family="ui-monospace,SFMono-Regular,Menlo,DejaVu Sans Mono,monospace" '
            f'font-size="{SIZE}" fill="{INK}" xml:space="preserve">',
            *_runs(screen.lines[:shown]),
            "</g>",
            "</svg>\n",
        ]
    )


def _runs(lines: list[list[Cell]]) -> Iterator[str]:
    """One element for each run of equal style, placed by its column: fonts differ in width."""
    for number, line in enumerate(lines):
        column = 0
        for style, cells in groupby(line, key=lambda cell: cell[1]):
            text = "".join(char for char, _ in cells)
            begin, length = column, len(text)
            column += length
            if text.strip():
                look = f' style="{STYLES[style]}"' if style else ""
                yield (
                    f'<text x="{16 + begin * CELL:.1f}" y="{16 + SIZE + number * LINE}" '
                    f'textLength="{length * CELL:.1f}"{look}>{escape(text)}</text>'
                )


def recorded(command: list[str], wanted: Callable[[str], bool]) -> Screen:
    """Run ``command`` in a terminal; its last screen that is ``wanted``. Raises CalledProcessError
    if it fails and ValueError if no screen was."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environ = os.environ | {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    environ.pop("NO_COLOR", None)
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ)
    os.close(theirs)
    screen, found = Screen(), None
    screen.feed(f"$ {' '.join([Path(command[0]).name, *command[1:]])}\r\n")
    for frame in _frames(_chunks(ours)):
        screen.feed(frame)
        if wanted(screen.text()):
            found = Screen(lines=[list(line) for line in screen.lines])
    if code := process.wait():
        raise subprocess.CalledProcessError(code, command, screen.text())
    if found is None:
        raise ValueError(f"nothing like that was shown:\n{screen.text()}")
    return found


def _frames(chunks: Iterable[bytes]) -> Iterator[str]:
    """What was written, cut behind each sequence that ends a frame, and the rest."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(_END)
        for one in whole:
            yield (one + _END).decode()
    yield rest.decode()


def _chunks(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            return  # So Linux says that nobody writes any more.
        if not chunk:
            return
        yield chunk


if __name__ == "__main__":
    demo = [str(Path(sys.executable).with_name("canary")), "demo"]
    picture = recorded(demo, lambda text: "failed checks 1 of" in text and "reason" in text)
    Path(__file__).with_name("demo.svg").write_text(svg(picture), encoding="utf-8")
