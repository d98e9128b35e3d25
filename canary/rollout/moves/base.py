"""What every move does to the record, and the moves that change no weight."""

from __future__ import annotations

from dataclasses import replace

from canary.rollout.observed import Present
from canary.rollout.record import Record
from canary.rollout.settled import settled
from canary.rollout.sizes import for_return
from canary.rollout.stage import Stage
from canary.rollout.verdict import Note, Verdict
from canary.rollout.view import View


def moved(view: View, verdict: Verdict) -> Record:
    """The record as every real move leaves it: reason written, hold over, deliveries dropped."""
    return replace(settled(view), reason=verdict.reason, hold="", problem="")


def quiet(view: View, record: Record, weight: int) -> Record:
    """``record`` at ``weight``, remembering when canary traffic ended if it ends now. A primary
    that is too small for all of it grows alongside (D45)."""
    if weight == 0 and view.record.weight > 0:
        size = for_return(view)
        record = replace(record, traffic_ended=view.now.wall)
        record = record if size is None else replace(record, scale_primary=size)
    return replace(record, weight=weight)


def primary_replicas(view: View) -> int:
    primary = view.world.primary
    return primary.value.replicas if isinstance(primary, Present) else 0


def ask(view: View, verdict: Verdict) -> Record:
    """Awaiting an answer changes nothing."""
    return view.record


def tidy(view: View, verdict: Verdict) -> Record:
    """What is done leaves the record; a revert in Failed is remembered (S48)."""
    record = replace(settled(view), hold="", problem="")
    revision = view.revision
    if record.stage is Stage.FAILED and revision == record.promoted and record.promoted:
        record = replace(record, applied=record.promoted)
    if record.run and record.stage is Stage.PROGRESSING and record.run.step >= 0:
        record = replace(record, run=replace(record.run, waiting_since=None))
    return record


def note(view: View, verdict: Note) -> Record:
    """The probe of the metric providers is told once."""
    record = replace(settled(view), metrics_checked=True)
    return record.say(verdict.text, warning=verdict.warning, error=verdict.error)
