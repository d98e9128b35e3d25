"""Random records and views, the odd and the impossible among them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import factory as make
from hypothesis import strategies as st

from canary.api.hooks import HookType
from canary.rollout.announcement import Alert, Announcement
from canary.rollout.binding import Binding
from canary.rollout.observed import Present, Unknown
from canary.rollout.plan import fingerprint, plan
from canary.rollout.questions import CheckFailure, Evaluated, Known
from canary.rollout.record import Measured, Record, Revision, Run
from canary.rollout.rules.analysis import question
from canary.rollout.stage import Stage
from canary.rollout.turn import Turn
from canary.rollout.view import View
from canary.rollout.world import (
    Dependency,
    Primary,
    Problem,
    Ready,
    Route,
    Stuck,
    Target,
    Waiting,
    World,
)
from providers.interface import Affinity

texts = st.text(max_size=20)
names = st.text("abc-", min_size=1, max_size=8)
counts = st.integers(0, 1000)
moments = st.none() | st.datetimes(
    datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)
)
revisions = st.builds(Revision, names, st.dictionaries(names, names, max_size=2), names, counts)
measured = st.lists(st.builds(Measured, texts, st.booleans(), texts, texts), max_size=3).map(tuple)
bindings = st.builds(Binding, names, names, names, names, st.text("abc-", max_size=8))
runs = st.builds(
    Run,
    revisions,
    binding=st.none() | bindings,
    asked=st.none() | bindings,
    attempt=st.integers(1, 9),
    step=st.integers(-1, 5),
    failed_checks=counts,
    polls=counts,
    started=moments,
    waiting_since=moments,
    quiet_since=moments,
    shifts=counts,
    skipped=st.booleans(),
    recycle=st.booleans(),
    imported=st.booleans(),
    prepared=st.booleans(),
    unconfirmed=st.booleans(),
    tested=st.booleans(),
    falling=st.booleans(),
    stayed=st.floats(0, 1e6),
    plan=st.text(),
    awaited_step=st.integers(-1, 5),
    approved_step=st.integers(-1, 5),
    iteration=counts,
    measured=measured,
)
alerts = st.builds(
    Alert,
    st.sampled_from(["info", "warn", "error"]),
    texts,
    st.booleans(),
    st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
)
announcements = st.builds(
    Announcement,
    counts,
    texts,
    st.booleans(),
    st.booleans(),
    st.none() | alerts,
    texts,
    st.none() | st.sampled_from(HookType),
)
records = st.builds(
    Record,
    stage=st.sampled_from(Stage),
    weight=st.integers(0, 100),
    mirror=st.booleans(),
    affinity=st.builds(Affinity, texts, texts, texts),
    awaits=st.none() | st.sampled_from(HookType),
    confirms=counts,
    run=st.none() | runs,
    applied=st.none() | revisions,
    promoted=st.none() | revisions,
    primary=st.none() | revisions,
    primary_replicas=counts,
    scale_target=st.none() | counts,
    scale_primary=st.none() | counts,
    traffic_ended=moments,
    metrics_checked=st.booleans(),
    queued=moments,
    hold=texts,
    problem=texts,
    reason=texts,
    outbox=st.lists(announcements, max_size=3).map(tuple),
    seq=counts,
    epoch=counts,
    adoptions=counts,
    runs=st.integers(0, 9),
)

HELD, EDITED = Binding("istio", "Deployment", "podinfo"), Binding("istio", "Deployment", "other")
BUSY = Dependency("db.test", "it is Progressing")
GONE = Dependency("db.test", "Canary db.test does not exist", "DependencyMissing")

_known = st.sampled_from([make.OLD, make.NEW, make.NEWER, make.DATA])
_readiness = st.sampled_from([Ready(), Waiting("not yet"), Stuck("exceeded its progress deadline")])
_blanks = st.sampled_from([make.GONE, make.UNSEEN])
_times = st.sampled_from([0.0, make.MONO - 40, make.MONO - 3, make.MONO])
_weights = st.sampled_from([0, 5, 10, 30, 50, 100])
_walls = st.none() | st.sampled_from([make.ago(s) for s in (0, 20, 300, 3000)])

_told = {"steps": [{"weight": 10, "duration": "90s", "approval": True}, {"weight": 50}]}
_sized = {
    "steps": [{"weight": 10, "replicas": 1}, {"weight": 50, "replicas": 2}],
    "rollbackStepWeight": 20,
}

PLANS = [fingerprint(plan(make.told(steps))) for steps in (_told, _sized)]
_canaries = st.sampled_from(
    [make.told(_told), make.told(_sized)]
    + [
        make.canary(analysis={"stepWeightPromotion": by}, skipAnalysis=skip, suspend=suspend)
        for by in (0, 20)
        for skip, suspend in ((False, False), (False, False), (True, False), (False, True))
    ]
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Any world: parts may be gone or unknown, and contradict each other."""
    revision = draw(_known.map(Present) | st.just(Unknown("a digest is being read")))
    target = Target(
        revision,
        draw(st.integers(0, 2)),
        draw(st.integers(0, 2)),
        draw(_readiness),
        draw(st.integers(0, 2)),
        draw(st.booleans()),
        draw(st.booleans()),
    )
    runs_now = draw(st.sampled_from(["", make.OLD.template, make.NEW.template]))
    primary = Primary(
        draw(st.integers(0, 3)), draw(_readiness), draw(st.integers(0, 2)), "e1-own", runs_now
    )
    confirmed = draw(st.sampled_from([True, False, None]))
    route = Route(draw(_weights), draw(_times), confirmed, proved=draw(st.booleans()))
    return World(
        target=draw(st.just(Present(target)) | _blanks),
        primary=draw(st.just(Present(primary)) | _blanks),
        route=draw(st.just(Present(route)) | _blanks),
        pins=draw(st.frozensets(st.sampled_from([make.OLD.template, make.NEW.template]))),
        apex_ready=draw(st.booleans()),
        dependencies=draw(st.sampled_from([(), (), (BUSY,), (GONE,)])),
        problems=draw(st.sampled_from([(), (), (), (Problem("Broken", "it is broken"),)])),
        deleted=draw(st.sampled_from([False, False, False, True])),
        wanted=draw(st.sampled_from([None, None, EDITED])),
        parted=draw(st.booleans()),
    )


@st.composite
def states(draw: st.DrawFn) -> Record:
    """Any record that the engine itself could have made."""
    stage = draw(st.sampled_from(Stage))
    fields: dict[str, Any] = {
        "traffic_ended": draw(_walls),
        "scale_target": draw(st.none() | st.just(0) | st.just(2)),
        "problem": draw(st.sampled_from(["", "", "Broken"])),
        "queued": draw(_walls) if stage.idle or stage is Stage.WAITING else None,
    }
    if stage.running or stage in (Stage.WAITING, Stage.WAITING_PROMOTION):
        weight = 0 if stage is Stage.FINALISING else draw(st.sampled_from([0, 10, 50]))
        return make.running(
            stage,
            weight,
            revision=draw(_known),
            failed_checks=draw(st.integers(0, 4)),
            waiting_since=draw(_walls),
            quiet_since=draw(_walls),
            shifts=draw(st.integers(0, 2)),
            stayed=draw(st.sampled_from([0.0, 30.0, 90.0])),
            approved_step=draw(st.integers(-1, 1)),
            plan=draw(st.sampled_from(["", *PLANS, *PLANS])),
            recycle=draw(st.booleans()),
            binding=draw(st.sampled_from([None, HELD])),
            asked=draw(st.sampled_from([None, EDITED])),
            **fields,
        )
    if stage is Stage.FAILED and draw(st.booleans()):
        weight = draw(st.sampled_from([0, 10, 50]))
        return make.running(stage, weight, revision=draw(_known), falling=True, **fields)
    weight = draw(st.sampled_from([0, 100])) if stage is Stage.FAILED else 0
    record = make.at_rest(stage, weight=weight, **fields)
    if stage is Stage.INITIALIZING:
        first = draw(st.none() | _known)
        return replace(
            record, applied=None, promoted=None, primary=first, metrics_checked=draw(st.booleans())
        )
    return replace(record, applied=draw(_known), primary=draw(_known))


@st.composite
def views(draw: st.DrawFn) -> View:
    """Any look at any record, with or without an answer to what it asks."""
    seen = replace(
        make.view(draw(states())),
        canary=draw(_canaries),
        world=draw(worlds()),
        turn=draw(st.sampled_from([None, None, Turn(), Turn(False, 2, "1 run at a time")])),
        ceiling=draw(st.none() | _weights),
        evaluated_at=draw(st.none() | _times),
    )
    if seen.record.run is None:
        return seen
    answer = draw(st.sampled_from([None, make.passed(), Evaluated(CheckFailure("it failed"))]))
    if answer is None:
        return seen
    return replace(seen, answers={question(seen): Known(answer, make.MONO)})


def unseen(world: World) -> bool:
    """Whether a part of ``world`` that traffic depends on can't be seen."""
    parts = (world.target, world.primary, world.route)
    return any(isinstance(part, Unknown) for part in parts)
