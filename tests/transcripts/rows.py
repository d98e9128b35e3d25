"""Rows of timelines: what they hold, how data files write them, and when two timelines agree."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

NO_COOKIES = ("-", "-", "-")


@dataclass(frozen=True)
class Row:
    """One state: status fields, split, replicas, and what was told in its coming about.

    ``told`` are events, alerts (``A[severity] text``) and hook calls (``H[hook phase→status]``),
    each kind in its order; ``cookies`` those of the run, of the run before, and of the primary.
    """

    phase: str
    weight: int
    iterations: int
    failed: int
    split: str
    replicas: str
    events: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    cookies: tuple[str, ...] = NO_COOKIES
    mirror: bool = False
    gap: bool = False
    """Data only: rows between the one before and this one are left out."""

    @property
    def key(self) -> tuple[str, int, int, int, bool]:
        return self.phase, self.weight, self.iterations, self.failed, self.mirror

    def __str__(self) -> str:
        told = "; ".join((*self.events, *self.alerts, *self.hooks))
        if self.cookies != NO_COOKIES:
            told += f"; cookies {' '.join(self.cookies)}"
        return (
            f"|{self.phase}|{self.weight}|{self.iterations}|{self.failed}"
            f"|{self.split}|{self.replicas}|{told}|"
        )


def parse(text: str) -> Row | None:
    """A row as the data files hold it; None for something done between two ticks."""
    cells = text.strip().strip("|").split("|")
    if cells[0] == "–":
        return None
    if cells[0].isdigit() or cells[0] == "queue":
        cells = cells[1:]
    phase, weight, iterations, failed, split, replicas, *rest = cells
    told = [part.strip() for part in (rest[0] if rest else "").split("; ") if part.strip()]
    return Row(
        phase,
        int(weight),
        int(iterations),
        int(failed),
        "-" if split in ("-", "n/a") else split.removesuffix("/-"),
        replicas,
        events=tuple(part for part in told if part[:2] in ("N ", "W ")),
        alerts=tuple(part for part in told if part.startswith("A[")),
        hooks=tuple(part for part in told if part.startswith("H[")),
        cookies=_cookies(told),
        mirror=split.endswith("/yes"),
    )


def _cookies(told: Iterable[str]) -> tuple[str, ...]:
    for part in told:
        found = re.fullmatch(r"cookies: cur (.*), prev (.*), prim (.*)", part)
        if found:
            return tuple("-" if value == "–" else value.strip("`") for value in found.groups())
    return NO_COOKIES


def merged(rows: Iterable[Row]) -> list[Row]:
    """Rows of one state in a row become one, at its last look.

    Events and hook calls that are repeated stand there once; alerts aren't to be repeated.
    """
    out: list[Row] = []
    for row in rows:
        before = out.pop() if out and out[-1].key == row.key else None
        told = (before,) if before else ()
        out.append(
            replace(
                row,
                events=_once(*(one.events for one in (*told, row))),
                alerts=tuple(text for one in (*told, row) for text in one.alerts),
                hooks=_once(*(one.hooks for one in (*told, row))),
                gap=before.gap if before else row.gap,
            )
        )
    return out


def _once(*parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for part in parts for text in part))


def _fits(expected: list[Row], actual: list[Row]) -> bool:
    """Whether ``actual`` begins with the expected rows, others coming only where rows are left
    out."""
    if not expected:
        return True
    for skipped, row in enumerate(actual):
        if replace(expected[0], gap=False) == row:
            return _fits(expected[1:], actual[skipped + 1 :])
        if not expected[0].gap:
            return False
    return False


def differences(expected: list[Row], actual: list[Row]) -> str:
    """Both timelines side by side, if the actual one doesn't contain the expected one.

    The first expected row may tell only the last of what its state tells. Cookies are drawn at
    random: equal ones have to be equal, and no more.
    """
    expected = named(expected)
    first = expected[0]
    for start, row in enumerate(actual):
        tail = replace(
            row,
            events=_last(row.events, first.events),
            alerts=_last(row.alerts, first.alerts),
            hooks=_last(row.hooks, first.hooks),
        )
        if _fits(expected, named([tail, *actual[start + 1 :]])):
            return ""
    lines = ["expected:", *(f"  {row}" for row in expected)]
    lines += ["actual:", *(f"  {row}" for row in actual)]
    return "\n".join(lines)


def _last(told: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, ...]:
    return told[len(told) - len(wanted) :] if len(told) >= len(wanted) else told


def named(rows: Iterable[Row]) -> list[Row]:
    """The rows with the values of cookies replaced by their numbers in the order of appearance."""
    seen: dict[str, str] = {"-": "-"}

    def number(cookie: str) -> str:
        name = cookie.partition("=")[0]
        return seen.setdefault(cookie, f"{name}={len(seen)}")

    return [replace(row, cookies=tuple(number(cookie) for cookie in row.cookies)) for row in rows]
