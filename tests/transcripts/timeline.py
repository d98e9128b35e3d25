"""Timelines of what a person would see of a Canary, state by state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from canary.api.hooks import HookType
from canary.controller.announcer import event_name
from canary.kube.resources import CANARIES, DAEMON_SETS, DEPLOYMENTS, EVENTS, Key
from canary.sandbox.storage import Change
from tests.rig.receiver import HookCall
from tests.rig.routes import mirrored, shares, splits, weighs
from tests.transcripts.rows import Row, merged


class Recorder:
    """Rows from a cluster's history: each state as it is when the next one begins.

    A hook call belongs to the state that the status write after it shows, as those of one tick do.
    """

    def __init__(
        self,
        canary: str = "podinfo",
        namespace: str = "test",
        target: str = "podinfo",
        calls: Sequence[HookCall] = (),
    ) -> None:
        self.key = Key(namespace, canary)
        self._calls = calls
        self._called = 0
        self._events: dict[str, str] = {}
        self._canary: dict[str, Any] = {}
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
                self._status(change.obj, change.version)
            elif change.resource == EVENTS:
                kind, text = change.obj["type"][0], change.obj["message"]
                self._events[change.key.name] = f"{kind} {text}"
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
            last = self._looked or self._look(self._state)
            self.rows.append(replace(last, hooks=(*last.hooks, *self._calls_before())))
            self._state = None
        return merged(replace(row, events=self._resolved(row.events)) for row in self.rows)

    def _resolved(self, events: Iterable[str]) -> tuple[str, ...]:
        """``events`` with those of hooks that were called in the row, as their call made them."""
        found = []
        for text in events:
            if not text.startswith(CALL):
                found.append(text)
                continue
            names = (f"{text}/{number}".removeprefix(CALL) for number in range(len(self._events)))
            told = (self._events.get(event_name(self._canary, name)) for name in names)
            found += [one for one in told if one is not None]
        return tuple(found)

    def _calls_before(self, version: float = float("inf")) -> tuple[str, ...]:
        """Hook calls since the last status write."""
        fresh = [call for call in self._calls[self._called :] if call.version < version]
        self._called += len(fresh)
        return tuple(str(call) for call in fresh if call.type is not HookType.EVENT)

    def look(self) -> None:
        """Let the present state be shown as it is now, whatever is done to it before it ends."""
        if self._state is not None:
            self._looked = self._look(self._state)

    def _status(self, canary: dict[str, Any], version: int) -> None:
        status = canary.get("status") or {}
        if not status.get("phase"):
            return
        self._canary, engine = canary, status.get("engine") or {}
        outbox = engine.get("outbox") or ()
        fresh = [item for item in outbox if item["seq"] not in self._seen]
        self._seen |= {item["seq"] for item in fresh}
        row = Row(
            status["phase"],
            status["canaryWeight"],
            status["iterations"],
            status["failedChecks"],
            "",
            "",
            events=tuple(_event(item) for item in fresh),
            alerts=tuple(_alert(item["alert"]) for item in fresh if item.get("alert")),
            hooks=self._calls_before(version),
            cookies=tuple(status.get(name) or "-" for name in COOKIES),
            mirror=bool(engine.get("mirror")),
        )
        if self._state is not None:
            self.rows.append(self._look(self._state))
            if self._state.key != row.key:
                looked = self._looked or self.rows[-1]
                told = self._state
                self.rows[-1] = replace(
                    looked, events=told.events, alerts=told.alerts, hooks=told.hooks
                )
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


CALL = "call of hooks "
COOKIES = (
    "sessionAffinityCookie",
    "previousSessionAffinityCookie",
    "primarySessionAffinityCookie",
)


def _event(item: dict[str, Any]) -> str:
    if item.get("hooks"):
        return f"{CALL}{item['seq']}"
    return f"{'W' if item.get('warning') else 'N'} {item['text']}"


def _alert(alert: dict[str, Any]) -> str:
    return f"A[{alert['severity']}] {alert['text']}"


def split(route: dict[str, Any]) -> str:
    """``primary/canary`` of a route, with ``/yes`` while it mirrors; ``-`` where it has no such."""
    if not splits(route):
        return "-"
    primary, canary = shares(route)
    return f"{primary}/{canary}{'/yes' if mirrored(route) else ''}"
