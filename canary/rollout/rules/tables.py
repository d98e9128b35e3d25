"""The rows of rules, one for each stage. The first verdict of a row counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from canary.rollout.rules import (
    analysis,
    exits,
    fall,
    gates,
    intents,
    promotion,
    readiness,
    standing,
    start,
    stays,
)
from canary.rollout.stage import Stage
from canary.rollout.verdict import Verdict
from canary.rollout.view import View

Rule = Callable[[View], Verdict | None]

_IDLE: tuple[Rule, ...] = (
    standing.deleted,
    intents.requested,
    standing.suspended,
    intents.outdated,
    start.returning,
    standing.lowered,
    standing.dead,
    fall.falling,
    standing.impeded,
    standing.unknown,
    readiness.restored,
    intents.retried,
    start.changed,
    start.returned,
    start.at_rest,
)


_JUDGED: tuple[Rule, ...] = (
    standing.deleted,
    intents.requested,
    standing.suspended,
    intents.outdated,
    intents.aborted,
    analysis.threshold,
    standing.lowered,
    standing.dead,
    standing.impeded,
    standing.unknown,
    intents.heeded,
    analysis.reverted,
    analysis.superseded,
    readiness.primary_ready,
    readiness.recycled,
    readiness.canary_ready,
    readiness.recovered,
    analysis.pinned,
    analysis.skipped,
    intents.asked_to_promote,
    analysis.live,
    analysis.paced,
    gates.confirmed_again,
    gates.rollback_wanted,
    gates.prepared,
    gates.checked,
    analysis.checks,
    intents.kept_paused,
    stays.stayed,
    stays.approved,
    gates.traffic_increase,
    gates.promotion,
    stays.sized,
    analysis.step,
)


RULES: Mapping[Stage, tuple[Rule, ...]] = {
    Stage.INITIALIZING: (
        standing.deleted,
        intents.requested,
        standing.suspended,
        intents.outdated,
        standing.impeded,
        standing.unknown,
        start.pinned_first,
        start.availability,
        start.primary_started,
        start.apex_switched,
        start.initialized,
    ),
    Stage.INITIALIZED: _IDLE,
    Stage.SUCCEEDED: _IDLE,
    Stage.FAILED: _IDLE,
    Stage.PROGRESSING: _JUDGED,
    Stage.PROMOTING: (
        standing.deleted,
        intents.requested,
        standing.suspended,
        intents.outdated,
        standing.lowered,
        standing.dead,
        promotion.moved_on,
        standing.impeded,
        standing.unknown,
        promotion.primary_again,
        promotion.shift,
    ),
    Stage.FINALISING: (
        standing.deleted,
        intents.requested,
        standing.suspended,
        intents.outdated,
        standing.impeded,
        standing.unknown,
        promotion.primary_again,
        promotion.finished,
    ),
    Stage.WAITING: (
        standing.deleted,
        intents.requested,
        standing.suspended,
        intents.outdated,
        intents.aborted,
        standing.impeded,
        standing.unknown,
        intents.heeded,
        gates.left,
        gates.waited,
        gates.rollback_wanted,
        start.begun,
    ),
    Stage.WAITING_PROMOTION: _JUDGED,
    Stage.TERMINATING: (
        exits.unseen,
        exits.pointless,
        exits.given_back,
        exits.sized,
        exits.serving,
        exits.released,
        exits.drained,
        exits.left,
    ),
    Stage.TERMINATED: (exits.told,),
}
