"""Timelines as rows: what a person would see of a Canary, state by state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from canary.kube.resources import CANARIES, DAEMON_SETS, DEPLOYMENTS, Key
from canary.sandbox.storage import Change
from tests.rig.routes import mirrored, shares, weighs


@dataclass(frozen=True)
class Row:
    """One state: status fields, split, replicas, and the events of its coming about."""

    phase: str
    weight: int
    iterations: int
    failed: int
    split: str
    replicas: str
    events: tuple[str, ...] = ()
    gap: bool = False
    """Data only: rows between the one before and this one are left out."""

    @property
    def key(self) -> tuple[str, int, int, int]:
        return self.phase, self.weight, self.iterations, self.failed

    def __str__(self) -> str:
        events = "; ".join(self.events)
        return (
            f"|{self.phase}|{self.weight}|{self.iterations}|{self.failed}"
            f"|{self.split}|{self.replicas}|{events}|"
        )


def parse(text: str) -> Row | None:
    """A row as the data files hold it; None for something done between two ticks.

    Alerts (``A[...]``) and hook calls (``H[...]``) come with later issues.
    """
    cells = text.strip().strip("|").split("|")
    if cells[0] == "–":
        return None
    if cells[0].isdigit() or cells[0] == "queue":
        cells = cells[1:]
    phase, weight, iterations, failed, split, replicas, *rest = cells
    events = [part.strip() for part in (rest[0] if rest else "").split("; ") if part.strip()]
    kept = tuple(e for e in events if e[:2] in ("N ", "W ") and not _is_of_a_hook(e))
    split = split.removesuffix("/-") if split != "-" else "-"
    return Row(phase, int(weight), int(iterations), int(failed), split, replicas, kept)


def _is_of_a_hook(event: str) -> bool:
    return event.startswith(("N Confirm-rollout check", "N Post-rollout check"))


def merged(rows: Iterable[Row]) -> list[Row]:
    """Rows of one state in a row become one, at its last look; repeated events are said once."""
    out: list[Row] = []
    for row in rows:
        if out and out[-1].key == row.key:
            events = tuple(dict.fromkeys((*out[-1].events, *row.events)))
            out[-1] = replace(row, events=events, gap=out[-1].gap)
        else:
            out.append(replace(row, events=tuple(dict.fromkeys(row.events))))
    return out


class Recorder:
    """Rows from a cluster's history: each state as it is when the next one begins."""

    def __init__(self, canary: str = "podinfo", namespace: str = "test", target: str = "podinfo"):
        self.key = Key(namespace, canary)
        self.target = target
        self.rows: list[Row] = []
        self._seen: set[int] = set()
        self._split = "-"
        self._first = ""
        self._replicas: dict[str, int | str] = {}
        self._state: Row | None = None
        self._looked: Row | None = None

    def take(self, changes: Iterable[Change]) -> None:
        """Follow the cluster."""
        for change in changes:
            if change.resource == CANARIES and change.key == self.key and not change.gone:
                self._status(change.obj.get("status") or {})
            elif change.resource == DEPLOYMENTS and change.key.namespace == self.key.namespace:
                self._replicas[change.key.name] = (
                    0 if change.gone else int(change.obj["spec"]["replicas"])
                )
            elif change.resource == DAEMON_SETS and change.key.namespace == self.key.namespace:
                pods = change.obj["spec"]["template"]["spec"]
                off = "flagger.app/scale-to-zero" in (pods.get("nodeSelector") or {})
                self._replicas[change.key.name] = "off" if off else "on"
            elif self._is_route(change):
                self._split = "-" if change.gone else split(change.obj)

    def _is_route(self, change: Change) -> bool:
        here = change.key.namespace == self.key.namespace
        return here and weighs(change.resource.plural, change.key.name)

    def finish(self) -> list[Row]:
        """All rows, the present state as it is now."""
        if self._state is not None:
            self.rows.append(self._looked or self._look(self._state))
            self._state = None
        return merged(self.rows)

    def look(self) -> None:
        """Let the present state be shown as it is now, whatever is done to it before it ends."""
        if self._state is not None:
            self._looked = self._look(self._state)

    def _status(self, status: dict[str, Any]) -> None:
        if not status.get("phase"):
            return
        outbox = (status.get("engine") or {}).get("outbox") or ()
        fresh = [item for item in outbox if item["seq"] not in self._seen]
        self._seen |= {item["seq"] for item in fresh}
        events = tuple(f"{'W' if i.get('warning') else 'N'} {i['text']}" for i in fresh)
        row = Row(
            status["phase"],
            status["canaryWeight"],
            status["iterations"],
            status["failedChecks"],
            "",
            "",
            events,
        )
        if self._state is not None:
            self.rows.append(self._look(self._state))
            if self._state.key != row.key:
                self.rows[-1] = replace(self._looked or self.rows[-1], events=self._state.events)
                self._looked = None
        self._state = row
        if status["phase"] == "Initializing":
            # Flagger writes routes and status in one tick; here the routes come before the status.
            self._first = self._first or self._split

    def _look(self, row: Row) -> Row:
        target, primary = self.target, f"{self.target}-primary"
        have = [self._replicas.get(name, "-") for name in (target, primary)]
        split = self._first if row.phase == "Initializing" else self._split
        return replace(row, split=split, replicas=f"{have[0]}/{have[1]}")


def split(route: dict[str, Any]) -> str:
    """``primary/canary`` of a route, with ``/yes`` while it mirrors."""
    primary, canary = shares(route)
    return f"{primary}/{canary}{'/yes' if mirrored(route) else ''}"


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

    The first expected row may tell only the last of its state's events.
    """
    first = expected[0]
    for start, row in enumerate(actual):
        tail = replace(row, events=row.events[len(row.events) - len(first.events) :])
        if _fits(expected, [tail, *actual[start + 1 :]]):
            return ""
    lines = ["expected:", *(f"  {row}" for row in expected)]
    lines += ["actual:", *(f"  {row}" for row in actual)]
    return "\n".join(lines)
