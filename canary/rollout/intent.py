"""What a person asked for by hand: recorded when it is seen, for one run only.

A request is an annotation of the Canary. GitOps tools strip what Git doesn't have, so nothing may
depend on its staying: the record keeps it until it is done, or can't be.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What can be asked for."""

    PROMOTE = "promote"
    ABORT = "abort"
    PAUSE = "pause"
    RESUME = "resume"
    RETRY = "retry"
    APPROVE = "approve"


@dataclass(frozen=True, slots=True)
class Request:
    """The annotation as it is.

    ``token`` tells one request from the next; ``action`` is None where the text can't be read, and
    ``problem`` then says why.
    """

    token: str
    action: Action | None
    by: str = ""
    reason: str = ""
    at: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Intent:
    """A request of record that is still to be done; ``run`` is the one it was made for."""

    action: Action
    by: str
    reason: str
    at: str
    run: str

    def __str__(self) -> str:
        why = f": {self.reason}" if self.reason else ""
        return f"{self.action.value} by {self.by or 'somebody'} at {self.at}{why}"
