"""A Canary, its record and its world in a state where all is well, and ways to change them."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from canary.api.canary import Canary, parse
from canary.rollout.observed import Absent, Observed, Present, Unknown
from canary.rollout.questions import CheckFailure, Evaluated, Known
from canary.rollout.record import Measured, Record, Revision, Run
from canary.rollout.rules.analysis import question
from canary.rollout.stage import Stage
from canary.rollout.view import Now, Timing, View
from canary.rollout.world import Primary, Ready, Route, Target, World

WALL = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
MONO = 1000.0
NOW = Now(MONO, WALL)
INTERVAL, SETTLE, DRAIN, DEADLINE, WINDOW = 30.0, 2.0, 5.0, 600.0, 60.0
STEPS = (10, 50)

OLD = Revision("e1-old", {"configmap/app": "1"}, "uid", 1)
NEW = Revision("e1-new", {"configmap/app": "1"}, "uid", 2)
NEWER = Revision("e1-newer", {"configmap/app": "1"}, "uid", 3)
DATA = Revision("e1-new", {"configmap/app": "2"}, "uid", 2)
"""NEW with other data in its ConfigMap."""

GONE = Absent('deployments.apps "podinfo" not found')
UNSEEN = Unknown("not in sync")

_MANIFEST: dict[str, Any] = {
    "apiVersion": "flagger.app/v1beta1",
    "kind": "Canary",
    "metadata": {"name": "podinfo", "namespace": "test", "uid": "canary-uid", "generation": 3},
    "spec": {
        "provider": "istio",
        "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "podinfo"},
        "service": {"port": 80},
        "analysis": {"interval": "30s", "threshold": 3, "stepWeights": list(STEPS)},
    },
}


PLAIN = parse(_MANIFEST)


def canary(*, analysis: dict[str, Any] | None = None, **spec: Any) -> Canary:
    """The Canary with some fields of ``spec`` and ``spec.analysis`` set."""
    manifest = copy.deepcopy(_MANIFEST)
    manifest["spec"] |= spec
    manifest["spec"]["analysis"] |= analysis or {}
    return parse(manifest)


def told(engine: dict[str, Any], **spec: Any) -> Canary:
    """The Canary with ``analysis.engine`` for its steps."""
    return canary(analysis={"stepWeights": None, "engine": engine}, **spec)


def ago(seconds: float) -> datetime:
    """Wall time so many seconds before now."""
    return WALL - timedelta(seconds=seconds)


def at_rest(stage: Stage = Stage.SUCCEEDED, **changes: Any) -> Record:
    """A record with nothing in flight: OLD is promoted."""
    record = Record(
        stage=stage,
        applied=OLD,
        promoted=OLD,
        primary=OLD,
        primary_replicas=2,
        metrics_checked=True,
    )
    return replace(record, **changes)


def running(stage: Stage = Stage.PROGRESSING, weight: int = 10, **changes: Any) -> Record:
    """A run of NEW at ``weight``; names of fields of Run among ``changes`` go to it."""
    fields = {name: changes.pop(name) for name in list(changes) if name in Run.__slots__}
    step = max((i for i, at in enumerate(STEPS) if at <= weight), default=-1)
    run = Run(**{"revision": NEW, "step": step, "started": ago(300), **fields})
    record = at_rest(stage, weight=weight, run=run, applied=run.revision)
    if stage in (Stage.PROMOTING, Stage.FINALISING):
        record = replace(record, primary=run.revision)
    return replace(record, runs=run.attempt, **changes)


def target(revision: Observed[Revision] | Revision = NEW, **changes: Any) -> Present[Target]:
    """A target that is ready, with two pods and two endpoints."""
    seen = Present(revision) if isinstance(revision, Revision) else revision
    return Present(replace(Target(seen, 2, 2, Ready(), 2), **changes))


def primary(runs: str = OLD.template, **changes: Any) -> Present[Primary]:
    """A primary that is ready."""
    return Present(replace(Primary(2, Ready(), 2, digest="e1-primary", runs=runs), **changes))


def route(weight: int, **changes: Any) -> Present[Route]:
    """A confirmed route that has carried ``weight`` for long."""
    return Present(replace(Route(weight, 0.0, True), **changes))


def world(record: Record, **changes: Any) -> World:
    """The world as ``record`` means it to be."""
    revision = record.run.revision if record.run else record.promoted or OLD
    runs = record.primary.template if record.primary else ""
    seen = World(
        target=target(revision),
        primary=primary(runs),
        route=route(record.weight),
        pins=frozenset({OLD.template, NEW.template, revision.template}),
        apex_ready=True,
    )
    return replace(seen, **changes)


def view(record: Record, **changes: Any) -> View:
    """A look at ``record``; names of fields of World among ``changes`` go to it."""
    facts = {name: changes.pop(name) for name in list(changes) if name in World.__slots__}
    timing = Timing(INTERVAL, SETTLE, DRAIN, DEADLINE, WINDOW)
    seen = View(PLAIN, record, world(record, **facts), timing, NOW)
    return replace(seen, **changes)


def passed(*measured: Measured) -> Evaluated:
    """An evaluation whose checks all passed."""
    return Evaluated(None, measured)


def failed(text: str = "Halt podinfo.test advancement success rate 90.00% < 99%") -> Evaluated:
    """An evaluation with one failed check."""
    return Evaluated(CheckFailure(text, "success rate", "90.00%", "99%"))


def answered(seen: View, evaluated: Evaluated) -> View:
    """``seen`` with an answer to the question of this moment."""
    return replace(seen, answers={question(seen): Known(evaluated, seen.now.mono)})
