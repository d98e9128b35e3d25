"""What a rule can conclude. Every verdict carries its reason."""

from canary.rollout.verdict.base import Ask, Done, Hold, Note, Tidy, Verdict
from canary.rollout.verdict.course import (
    Advance,
    Count,
    Fall,
    Lower,
    Pin,
    Promote,
    Rebind,
    Refuse,
    Repeat,
    Restart,
    Rollback,
    Scale,
    Shift,
    Start,
)
from canary.rollout.verdict.people import Await, Decline, Hear, Heed, Leave, Queue

__all__ = [
    "Advance",
    "Ask",
    "Await",
    "Count",
    "Decline",
    "Done",
    "Fall",
    "Hear",
    "Heed",
    "Hold",
    "Leave",
    "Lower",
    "Note",
    "Pin",
    "Promote",
    "Queue",
    "Rebind",
    "Refuse",
    "Repeat",
    "Restart",
    "Rollback",
    "Scale",
    "Shift",
    "Start",
    "Tidy",
    "Verdict",
]
