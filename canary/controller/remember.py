"""What a decision means for this process, beyond the record."""

from __future__ import annotations

from canary.controller.memory import Memory
from canary.rollout.decide import Decision
from canary.rollout.record import Record, Run
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


def overtaken(memory: Memory, record: Record, now: float) -> None:
    """Another process that leads, too, has judged the run meanwhile: its moment counts like ours,
    or the next step would be judged at once."""
    last = memory.record
    if last is None or record.run is None:
        return
    if last.run is None or _judged(last.run) != _judged(record.run):
        memory.evaluated_at = now


def _judged(run: Run) -> tuple[str, int, int]:
    return run.id, run.step, run.polls


def _approved(before: Record, after: Record) -> bool:
    """Whether the step that waits for an approval has just got it."""
    if before.run is None or after.run is None:
        return False
    step = after.run.approved_step
    return before.run.approved_step != step == after.run.awaited_step == after.run.step
