"""When a hold is announced: Flagger repeats itself every interval, we say each thing once."""

from __future__ import annotations

from dataclasses import replace

from canary.rollout.polls import broken_off
from canary.rollout.record import Record
from canary.rollout.verdict import Hold
from canary.rollout.view import View


def speaks_at(view: View, verdict: Hold) -> float | None:
    """When this hold is due to be announced (monotonic seconds); None: it has nothing new to say.

    An urgent one at once, another after it has lasted an interval, as Flagger's next tick would
    show it; a changed text at most once an interval.
    """
    said = (view.record.hold, view.record.problem)
    if not verdict.text or said == (verdict.text, verdict.problem):
        return None
    held = view.held
    if held.spoke is not None:
        return held.spoke + view.timing.interval
    return held.since if verdict.urgent else held.since + view.timing.interval


def hold(view: View, verdict: Hold) -> Record:
    """The record of a Canary that holds: the clock of its wait runs, its text is announced."""
    record = view.record
    if record.queued is not None and not verdict.blind:
        record = replace(record, queued=None, reason=verdict.reason)
    if verdict.waits:
        # One that begins in the future was read before the wall clock went back: it would run
        # longer by as much.
        since = min(view.run.waiting_since or view.now.wall, view.now.wall)
        record = replace(record, run=replace(view.run, waiting_since=since))
    due = speaks_at(view, verdict)
    if due is not None and view.now.mono >= due:
        record = replace(record, hold=verdict.text, problem=verdict.problem)
        record = record.delivered(view.delivered)
        record = record.say(verdict.text, warning=verdict.warning, error=verdict.error)
        if verdict.frozen:
            record = broken_off(view, record)
    return record
