"""What waits for somebody, or comes from somebody: gates, turns, requests by hand, deletion."""

from __future__ import annotations

from dataclasses import dataclass

from canary.api.hooks import HookType
from canary.rollout.intent import Intent, Request
from canary.rollout.record import Measured, Revision
from canary.rollout.verdict.base import Verdict


@dataclass(frozen=True, slots=True)
class Await(Verdict):
    """A gate is closed: nothing moves, it is asked again an interval on.

    ``text`` and ``alert`` are told once, when the wait begins; a muted one has no alert.
    """

    hook: HookType
    text: str = ""
    alert: str = ""
    revision: Revision | None = None
    """Of a rollout that hasn't begun."""
    measured: tuple[Measured, ...] = ()


@dataclass(frozen=True, slots=True)
class Queue(Verdict):
    """A run waits for its turn; ``text`` is told when the wait begins."""

    text: str


@dataclass(frozen=True, slots=True)
class Hear(Verdict):
    """A request by hand is put on record; None: it is gone, and the next one is a new one."""

    request: Request | None = None
    frozen: bool = True


@dataclass(frozen=True, slots=True)
class Heed(Verdict):
    """A request changes what the run waits for."""

    intent: Intent
    frozen: bool = True


@dataclass(frozen=True, slots=True)
class Decline(Verdict):
    """A request that can't be done; ``text`` says so to who made it."""

    text: str
    frozen: bool = True


@dataclass(frozen=True, slots=True)
class Leave(Verdict):
    """The Canary is being deleted; ``reverts``: what it changed is given back first."""

    reverts: bool
