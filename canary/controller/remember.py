"""What a decision means for this process, beyond the record."""

from __future__ import annotations

from canary.controller.memory import Memory
from canary.rollout.decide import Decision
from canary.rollout.record import Record
from canary.rollout.verdict import Advance, Await, Count, Lower, Repeat, Restart, Start


def remember(memory: Memory, decision: Decision, record: Record, now: float) -> None:
    """Keep when the run was last judged (``now``, monotonic), and for how long it has been held."""
    memory.held = decision.held
    routed, routing = ((r.weight, r.mirror) for r in (record, decision.record))
    if routed != routing or isinstance(decision.verdict, (Start, Restart, Lower)):
        memory.evaluated_at = None
    elif isinstance(decision.verdict, (Advance, Await, Count, Repeat)):
        memory.evaluated_at = now
    elif _approved(record, decision.record):
        # The step that waited is judged once more, now, and left.
        memory.evaluated_at = None


def _approved(before: Record, after: Record) -> bool:
    """Whether the step that waits for an approval has just got it."""
    if before.run is None or after.run is None:
        return False
    step = after.run.approved_step
    return before.run.approved_step != step == after.run.awaited_step == after.run.step
