"""How the demo looks: a panel that is drawn over, or a line for each change without a terminal."""

from __future__ import annotations

import shutil
import textwrap
from dataclasses import dataclass, field

from canary.cli.terminal import Colour, Terminal, phase_colour, plain
from canary.sandbox.live.progress import WINDOW, Answers, Progress
from canary.sandbox.live.story import START, Act, Result

_BAR = 20
_MOST_LINES = 3


@dataclass(slots=True)
class View:
    """Shows progress on ``terminal``. What is drawn over is only ever the panel itself."""

    terminal: Terminal
    began: float
    _drawn: int = 0
    _last: tuple[object, ...] = field(default=())

    def say(self, *lines: str) -> None:
        """Lines that stay."""
        self._clear()
        self.terminal.write(*lines)

    def show(self, act: Act, commit: str, found: Progress, now: float) -> None:
        """The state of this moment (``now``: monotonic seconds)."""
        if self.terminal.live:
            self._draw(panel(self.terminal, act, commit, found))
            return
        # Without a terminal: one line for each thing that changes, none for those that flow.
        state = (found.phase, found.weight, found.failed_checks, found.reason)
        if state != self._last and found.phase:
            self._last = state
            self.terminal.write(line(found, now - self.began))

    def _draw(self, lines: list[str]) -> None:
        body = "".join(f"{one}\x1b[K\n" for one in lines)
        self.terminal.stream.write(f"{self._up()}{body}\x1b[J")
        self.terminal.stream.flush()
        self._drawn = len(lines)

    def _clear(self) -> None:
        if self._drawn:
            self.terminal.stream.write(f"{self._up()}\x1b[J")
            self._drawn = 0

    def _up(self) -> str:
        return f"\x1b[{self._drawn}A" if self._drawn else ""


def line(found: Progress, seconds: float) -> str:
    """One look as one line."""
    parts = [f"{seconds:5.1f}s  {found.phase:<12}  canary {found.weight:>3} %"]
    if found.share is not None:
        parts.append(f"at the proxy {found.share:.0f} %")
    if found.canary.success_rate is not None:
        parts.append(f"success {found.canary.success_rate:.1f} %")
    if found.next_step is not None:
        parts.append(f"next step in {found.next_step:.0f} s")
    if found.failed_checks:
        parts.append(f"failed checks {found.failed_checks} of {found.threshold}")
    if found.reason:
        parts.append(plain(found.reason))
    return "  ".join(parts)


def panel(terminal: Terminal, act: Act, commit: str, found: Progress) -> list[str]:
    """One look as a few lines, none wider than the terminal."""
    checks = f"   failed checks {found.failed_checks} of {found.threshold}"
    step = "-" if found.next_step is None else f"in {found.next_step:.0f} s"
    share = "no requests yet"
    if found.share is not None:
        requests = found.primary.total + found.canary.total
        share = f"canary {found.share:3.0f} %  of {requests} requests in {WINDOW:g} s"
    rows = (
        ("commit", f"{commit}  {act.image}", None),
        ("phase", found.phase or "-", phase_colour(found.phase)),
        ("weight", f"{_bar(terminal, found.weight)}  canary {found.weight:3d} %", None),
        ("at the proxy", f"{_bar(terminal, found.share or 0)}  {share}", None),
        ("success rate", f"primary {_rate(found.primary)}   canary {_rate(found.canary)}", None),
        ("next step", step + checks, None),
        ("reason", plain(found.reason) or "-", None),
    )
    room = max(20, shutil.get_terminal_size().columns - 1)
    lines = [""]
    for name, text, colour in rows:
        for index, part in enumerate(textwrap.wrap(text, room - 16)[:_MOST_LINES]):
            title = terminal.paint(f"{'' if index else name:<13}", Colour.DIM)
            lines.append(f"  {title} {terminal.paint(part, colour) if colour else part}")
    return lines


def _bar(terminal: Terminal, percent: float) -> str:
    full, empty = ("█", "░") if terminal.boxes else ("#", ".")
    filled = round(_BAR * percent / 100)
    return full * filled + empty * (_BAR - filled)


def _rate(answers: Answers) -> str:
    return "    -  " if answers.success_rate is None else f"{answers.success_rate:5.1f} %"


def outcome(terminal: Terminal, result: Result) -> list[str]:
    """The end of an act."""
    good = not result.problem
    mark = ("✔" if good else "✘") if terminal.boxes else ("ok" if good else "NOT OK")
    text = {"Initialized": "is live", "Succeeded": "was promoted", "Failed": "was rolled back"}
    what = text.get(result.act.phase, result.act.phase) if good else result.problem
    painted = terminal.paint(mark, Colour.GOOD if good else Colour.BAD)
    lines = [f"{painted} {result.act.image} {plain(what)} after {result.seconds:.0f} s"]
    if result.act is not START:
        weights = " → " if terminal.boxes else " > "
        path = weights.join(str(weight) for weight in result.weights)
        lines.append(f"  weight of the canary: {path}")
        if result.last.reason:
            lines.append(f"  reason: {plain(result.last.reason)}")
    return lines


def summary(terminal: Terminal, results: list[Result]) -> list[str]:
    """How users fared."""
    lines = ["", terminal.paint("Requests of users", Colour.STRONG)]
    for result in results:
        tally, act = result.tally, result.act
        lines.append(
            f"  {act.image:<17} {tally.total:>5} requests, {tally.of(act.revision):>4} of them to "
            f"the new revision, {tally.failed:>3} failed"
        )
    return lines
