"""The one decision: the first rule that has a verdict, and the move that it makes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from canary.rollout.moves import MOVES
from canary.rollout.questions import Question
from canary.rollout.record import Record
from canary.rollout.rules import RULES
from canary.rollout.speak import speaks_at
from canary.rollout.verdict import Ask, Decline, Hear, Heed, Hold, Verdict
from canary.rollout.view import Held, View


@dataclass(frozen=True, slots=True)
class Decision:
    """What to commit, and what to do beside it.

    ``rule`` names the rule that decided. ``wake_at`` is when to decide again at the latest
    (monotonic seconds; None: when something changes). ``frozen``: touch nothing in the cluster.
    """

    record: Record
    verdict: Verdict
    rule: str
    asks: frozenset[Question]
    wake_at: float | None
    frozen: bool
    held: Held
    """How long this hold has lasted; to be given to the next decision."""


def decide(view: View) -> Decision:
    """Apply the rules of the record's stage in order; the first verdict counts."""
    stage = view.record.stage
    awake = _awakened(view) if view.held.frozen else view
    for rule in RULES[stage]:
        verdict = rule(awake)
        if verdict is None:
            continue
        view = view if _freezes(verdict) else awake
        view = replace(view, held=_held(view, verdict, rule.__name__))
        record = MOVES[stage][type(verdict)](view, verdict)
        spoke = record.hold != view.record.hold
        return Decision(
            record=record,
            verdict=verdict,
            rule=rule.__name__,
            asks=verdict.questions if isinstance(verdict, Ask) else frozenset(),
            wake_at=_wake_at(view, verdict, record),
            frozen=_freezes(verdict),
            held=replace(view.held, spoke=view.now.mono) if spoke else view.held,
        )
    raise AssertionError(f"no rule of {stage} has a verdict: the last one must always have one")


def _freezes(verdict: Verdict) -> bool:
    return isinstance(verdict, (Hold, Ask, Hear, Heed, Decline)) and verdict.frozen


def _awakened(view: View) -> View:
    """The view after a time in which nobody could look: no wait counts against the workload."""
    run = view.record.run
    if view.record.stage.idle or run is None or run.waiting_since is None:
        return view
    run = replace(run, waiting_since=view.now.wall)
    return replace(view, record=replace(view.record, run=run))


def _held(view: View, verdict: Verdict, rule: str) -> Held:
    if not isinstance(verdict, Hold):
        return Held()
    if view.held.rule == rule:
        return view.held
    return Held(rule, view.now.mono, frozen=verdict.frozen)


def _wake_at(view: View, verdict: Verdict, record: Record) -> float | None:
    """The earliest of: what the verdict waits for, the next announcement, the next scale-down."""
    times: list[float] = []
    if isinstance(verdict, Hold):
        times += [verdict.until] if verdict.until is not None else []
        speaks = speaks_at(view, verdict)
        times += [speaks] if speaks is not None else []
    if record.scale_target == 0 and view.drained_at is not None and not view.drained:
        times.append(view.drained_at)
    return min(times, default=None)
