"""The rows of rules, one for each stage. The first verdict of a row counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from canary.rollout.rules import analysis, promotion, readiness, standing, start
from canary.rollout.stage import Stage
from canary.rollout.verdict import Hold, Verdict
from canary.rollout.view import View

Rule = Callable[[View], Verdict | None]

_IDLE: tuple[Rule, ...] = (
    standing.deleted,
    standing.suspended,
    standing.lowered,
    standing.dead,
    standing.impeded,
    standing.unknown,
    start.changed,
    readiness.restored,
    start.returned,
    start.at_rest,
)


def gated(view: View) -> Verdict | None:
    """A gate left behind by Flagger: gates come with a later issue, so it holds as it is."""
    return Hold("waiting for an approval that this engine can't ask for yet")


RULES: Mapping[Stage, tuple[Rule, ...]] = {
    Stage.INITIALIZING: (
        standing.deleted,
        standing.suspended,
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
    Stage.PROGRESSING: (
        standing.deleted,
        standing.suspended,
        standing.lowered,
        standing.dead,
        analysis.threshold,
        standing.impeded,
        standing.unknown,
        analysis.reverted,
        analysis.superseded,
        readiness.primary_ready,
        readiness.recycled,
        readiness.canary_ready,
        readiness.recovered,
        analysis.pinned,
        analysis.skipped,
        analysis.live,
        analysis.first_step,
        analysis.paced,
        analysis.checks,
        analysis.step,
    ),
    Stage.PROMOTING: (
        standing.deleted,
        standing.suspended,
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
        standing.suspended,
        standing.impeded,
        standing.unknown,
        promotion.primary_again,
        promotion.finished,
    ),
    Stage.WAITING: (standing.deleted, standing.suspended, standing.impeded, gated),
    Stage.WAITING_PROMOTION: (
        standing.deleted,
        standing.suspended,
        standing.lowered,
        standing.dead,
        standing.impeded,
        gated,
    ),
    Stage.TERMINATING: (standing.deleted, gated),
}
