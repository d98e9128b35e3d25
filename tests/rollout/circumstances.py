"""Circumstances that call for one rule each, and can be had together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any

import factory as make

from canary.api.hooks import HookType
from canary.rollout.binding import Binding
from canary.rollout.intent import Action, Intent, Request
from canary.rollout.observed import Present, Unknown
from canary.rollout.questions import Evaluated, Known, Replies, Reply
from canary.rollout.record import Run, run_id
from canary.rollout.rules.analysis import question
from canary.rollout.rules.gates import gate
from canary.rollout.stage import Stage
from canary.rollout.turn import Turn
from canary.rollout.view import Held, View
from canary.rollout.world import Problem, Stuck, Waiting

HELD, EDITED = Binding("istio", "Deployment", "podinfo"), Binding("istio", "Deployment", "other")
RUN = run_id(make.NEW, 1)
NO = Replies(no=(Reply("gate", "not yet"),))
YES = Replies(yes=(Reply("gate"),))
WAITS = Waiting("it is not ready")


@dataclass(frozen=True)
class Circumstances:
    """What is otherwise than in a Canary with which all is well; each part by its fields."""

    spec: dict[str, Any] = field(default_factory=dict)
    analysis: dict[str, Any] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)
    world: dict[str, Any] = field(default_factory=dict)
    target: dict[str, Any] = field(default_factory=dict)
    primary: dict[str, Any] = field(default_factory=dict)
    route: dict[str, Any] = field(default_factory=dict)
    view: dict[str, Any] = field(default_factory=dict)
    hooks: dict[HookType, Replies] = field(default_factory=dict)
    metrics: Evaluated | None = None

    def __or__(self, other: Circumstances) -> Circumstances:
        """Both; where they contradict each other, ``other`` counts."""
        parts = {
            part.name: getattr(self, part.name) | getattr(other, part.name)
            for part in fields(self)
            if part.name != "metrics"
        }
        return Circumstances(**parts, metrics=other.metrics or self.metrics)


def asked(action: Action, run: str = RUN, **more: Any) -> Circumstances:
    """Somebody asked for ``action`` by hand."""
    return Circumstances(record={"intent": Intent(action, "ann", "", "now", run)}, **more)


def told(**step: Any) -> Circumstances:
    """The plan is told step by step, and each step has ``step``."""
    steps = [{"weight": weight, **step} for weight in make.STEPS]
    return Circumstances(analysis={"stepWeights": None, "engine": {"steps": steps}})


HERE: dict[str, Circumstances] = {
    "deleted": Circumstances(world={"deleted": True, "finalizer": True}),
    "requested": Circumstances(world={"request": Request("token", Action.PAUSE, by="ann")}),
    "suspended": Circumstances(spec={"suspend": True}),
    "outdated": asked(Action.PAUSE, "another-run"),
    "aborted": asked(Action.ABORT),
    "threshold": Circumstances(record={"failed_checks": 3}),
    "lowered": Circumstances(record={"weight": 10}, view={"ceiling": 0}),
    "widened": Circumstances(record={"weight": 10, "tested": True}),
    "dead": Circumstances(record={"weight": 10}, target={"endpoints": 0}),
    "edited": Circumstances(record={"binding": HELD}, world={"wanted": EDITED}),
    "falling": Circumstances(record={"weight": 10, "falling": True}),
    "impeded": Circumstances(world={"problems": (Problem("InvalidSpec", "wrong"),)}),
    "unknown": Circumstances(world={"route": Unknown("the route can't be read")}),
    "heeded": asked(Action.PAUSE),
    "reverted": Circumstances(target={"revision": Present(make.OLD)}),
    "superseded": Circumstances(target={"revision": Present(make.NEWER)}),
    "primary_ready": Circumstances(primary={"readiness": WAITS}),
    "recycled": Circumstances(record={"recycle": True}),
    "canary_ready": Circumstances(target={"readiness": WAITS}),
    "recovered": Circumstances(record={"waiting_since": make.ago(60)}),
    "pinned": Circumstances(world={"pins": frozenset()}),
    "skipped": Circumstances(spec={"skipAnalysis": True}),
    "asked_to_promote": asked(Action.PROMOTE),
    "live": Circumstances(route={"confirmed": False}),
    "paced": Circumstances(view={"evaluated_at": make.MONO - 1}),
    "confirmed_again": Circumstances(
        record={"unconfirmed": True}, hooks={HookType.CONFIRM_ROLLOUT: NO}
    ),
    "rollback_wanted": Circumstances(hooks={HookType.ROLLBACK: YES}),
    "prepared": Circumstances(
        record={"step": -1, "weight": 0}, hooks={HookType.PRE_ROLLOUT: NO}
    ),
    "checked": Circumstances(hooks={HookType.ROLLOUT: NO}),
    "checks": Circumstances(metrics=make.failed()),
    "kept_paused": Circumstances(record={"paused": "by ann"}),
    "stayed": told(duration="90s"),
    "approved": told(approval=True),
    "traffic_increase": Circumstances(hooks={HookType.CONFIRM_TRAFFIC_INCREASE: NO}),
    "promotion": Circumstances(
        record={"weight": 50, "step": 1}, hooks={HookType.CONFIRM_PROMOTION: NO}
    ),
    "sized": told(replicas=5),
    "pinned_first": Circumstances(record={"primary": None}),
    "availability": Circumstances(record={"metrics_checked": False}),
    "primary_started": Circumstances(primary={"readiness": WAITS}),
    "apex_switched": Circumstances(world={"apex_ready": False}),
    "returning": Circumstances(
        record={"weight": 10}, target={"revision": Present(make.OLD)}, view={"ceiling": 0}
    ),
    "unjudged": Circumstances(
        record={"weight": 10},
        target={"revision": Present(make.NEWER)},
        view={"turn": Turn(False, 1, "1 run at a time")},
    ),
    "restored": Circumstances(
        record={"primary": make.NEW}, target={"revision": Present(make.OLD)}
    ),
    "lost": Circumstances(
        world={"primary": make.GONE, "pins": frozenset()},
        target={"revision": Present(make.NEWER)},
    ),
    "retried": asked(Action.RETRY),
    "changed": Circumstances(record={"applied": make.OLD}, target={"revision": Present(make.NEW)}),
    "returned": Circumstances(
        record={"applied": make.NEW}, target={"revision": Present(make.OLD)}
    ),
    "moved_on": Circumstances(record={"weight": 50}, target={"revision": Present(make.NEWER)}),
    "unpinned": Circumstances(
        target={"revision": Present(make.NEWER)},
        record={"weight": 0}, primary={"runs": ""}, world={"pins": frozenset()},
    ),
    "primary_again": Circumstances(primary={"readiness": WAITS}),
    "left": Circumstances(target={"revision": Present(make.OLD)}),
    "waited": Circumstances(view={"evaluated_at": make.MONO - 1}),
    "unseen": Circumstances(world={"target": make.UNSEEN}),
    "pointless": Circumstances(target={"leaving": True}),
    "given_back": Circumstances(
        target={"revision": Present(make.NEW)}, world={"original": True},
        record={"leaving_since": make.WALL},
    ),
    "serving": Circumstances(target={"readiness": WAITS}),
    "released": Circumstances(world={"released": False}),
    "drained": Circumstances(view={"held": Held("drained", make.MONO - 1)}),
}  # fmt: skip
"""What calls for each rule, in the stages that have it."""

_ENDED = Circumstances(
    record={"run": Run(make.NEW, binding=HELD)}, world={"wanted": EDITED, "parted": True}
)
ELSEWHERE: dict[tuple[Stage, str], Circumstances] = {
    (Stage.INITIALIZED, "edited"): _ENDED,
    (Stage.SUCCEEDED, "edited"): _ENDED,
    (Stage.WAITING, "edited"): _ENDED,
    (Stage.FAILED, "outdated"): asked(Action.PAUSE),
    (Stage.FAILED, "retried"): asked(Action.RETRY, run_id(make.NEW, 2)),
    (Stage.TERMINATING, "sized"): Circumstances(target={"replicas": 0}),
    (Stage.WAITING, "outdated"): asked(Action.RETRY),
    (Stage.WAITING, "heeded"): asked(Action.APPROVE) | Circumstances(
        record={"awaits": HookType.CONFIRM_ROLLOUT}
    ),
    (Stage.FINALISING, "primary_again"): Circumstances(primary={"readiness": Stuck("stuck")}),
}  # fmt: skip
"""The same where a stage takes something else."""

TOGETHER: dict[tuple[str, str], Circumstances] = {
    ("outdated", "aborted"): asked(Action.ABORT, "another-run"),
    ("outdated", "heeded"): asked(Action.PAUSE, "another-run"),
    ("heeded", "left"): asked(Action.APPROVE, run_id(make.OLD, 1))
    | Circumstances(
        record={"awaits": HookType.CONFIRM_ROLLOUT}, target={"revision": Present(make.OLD)}
    ),
    ("unseen", "pointless"): Circumstances(
        world={"primary": make.UNSEEN}, target={"leaving": True}
    ),
    ("restored", "retried"): asked(Action.RETRY, run_id(make.NEWER, 2))
    | Circumstances(
        record={"primary": make.NEW},
        primary={"readiness": Stuck("stuck")},
        target={"revision": Present(make.NEWER)},
    ),
    ("lost", "retried"): asked(Action.RETRY, run_id(make.NEWER, 2))
    | Circumstances(
        world={"primary": make.GONE, "pins": frozenset()},
        target={"revision": Present(make.NEWER)},
    ),
    ("reverted", "superseded"): Circumstances(target={"revision": Present(make.OLD)}),
    ("stayed", "approved"): told(duration="90s", approval=True),
    ("approved", "sized"): told(approval=True, replicas=5),
    ("stayed", "sized"): told(duration="90s", replicas=5),
    ("lowered", "dead"): Circumstances(
        record={"weight": 10}, view={"ceiling": 0}, target={"endpoints": 0}
    ),
}
"""Two at once that aren't just the sum of both."""


def here(stage: Stage, rule: str) -> Circumstances:
    """What calls for ``rule`` in ``stage``."""
    return ELSEWHERE.get((stage, rule), HERE.get(rule, Circumstances()))


def both(stage: Stage, one: str, other: str) -> Circumstances:
    """What calls for two rules at once."""
    found = TOGETHER.get((one, other))
    return found if found is not None else here(stage, other) | here(stage, one)


def look(stage: Stage, *all_of: Circumstances) -> View:
    """A look at a Canary in ``stage`` under these circumstances."""
    found = _base(stage)
    for one in all_of:
        found = found | one
    webhooks = [{"name": "gate", "url": "http://gate", "type": hook.value} for hook in found.hooks]
    analysis = found.analysis | ({"webhooks": webhooks} if webhooks else {})
    record = _record(stage, found.record)
    world = make.world(record)
    parts = {
        name: Present(replace(getattr(world, name).value, **getattr(found, name)))
        for name in ("target", "primary", "route")
    }
    seen = make.view(record, **(parts | found.world))
    seen = replace(seen, canary=make.canary(analysis=analysis, **found.spec), **found.view)
    return replace(seen, answers=dict(_answers(seen, found)))


def _answers(seen: View, found: Circumstances) -> Iterable[tuple[Any, Any]]:
    stage = seen.record.stage
    if stage.judged:
        yield question(seen), Known(found.metrics or make.passed(), make.MONO)
    for hook, replies in found.hooks.items():
        revision = make.NEW if stage.idle or stage is Stage.WAITING else None
        yield gate(seen, hook, revision), Known(replies, make.MONO)


def _base(stage: Stage) -> Circumstances:
    if stage is Stage.WAITING:
        return Circumstances(target={"revision": Present(make.NEW)})
    if stage is Stage.TERMINATING:
        return Circumstances(view={"held": Held("drained", make.MONO - 100)})
    return Circumstances()


def _record(stage: Stage, changes: dict[str, Any]) -> Any:
    weight = 0 if stage is Stage.FINALISING else 10
    if stage.running:
        return make.running(stage, **({"weight": weight} | changes))
    if stage is Stage.FAILED:
        return make.running(Stage.FAILED, **({"weight": 0} | changes))
    return make.at_rest(stage, **changes)
