"""What a rule can conclude. Every verdict carries its reason."""

from __future__ import annotations

from dataclasses import dataclass

from canary.api.hooks import HookType
from canary.rollout.intent import Intent, Request
from canary.rollout.questions import CheckFailure, Question
from canary.rollout.record import Measured, Revision


@dataclass(frozen=True, slots=True)
class Verdict:
    """Base of all verdicts; ``reason`` is written for people: what, against which limit."""

    reason: str


@dataclass(frozen=True, slots=True)
class Hold(Verdict):
    """Nothing moves. ``frozen`` also keeps the projection from touching anything.

    ``text`` is announced (an empty one never): at once where ``urgent``, else after the hold has
    lasted an interval, and again at most once an interval when it changes. ``until`` is when to
    look again at the latest, in monotonic seconds. ``waits`` starts the clock of the progress
    deadline; ``problem`` is the condition reason of something a person has to mend. ``blind``:
    what it would take can't be seen now; any other hold gives up a place in the queue of runs.
    """

    text: str = ""
    warning: bool = True
    error: bool = False
    urgent: bool = False
    frozen: bool = False
    waits: bool = False
    problem: str = ""
    blind: bool = False
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Ask(Verdict):
    """Answers are awaited; nothing moves until they come.

    ``questions`` are all that this moment asks, with those that are answered already: what isn't
    among them is forgotten.
    """

    questions: frozenset[Question] = frozenset()
    frozen: bool = False


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
class Note(Verdict):
    """Something to put on record without a move of weights: ``text`` is announced."""

    text: str = ""
    warning: bool = False
    error: bool = False


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
class Start(Verdict):
    """A new revision: begin a run. ``recycle``: running pods would keep the old data."""

    revision: Revision
    recycle: bool = False


@dataclass(frozen=True, slots=True)
class Restart(Verdict):
    """The target changed during a run: begin again with no inherited evidence."""

    revision: Revision
    recycle: bool = False


@dataclass(frozen=True, slots=True)
class Lower(Verdict):
    """The canary's weight falls to ``weight`` at once; the run goes on from the step below it."""

    weight: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Count(Verdict):
    """A check failed: one more towards the threshold."""

    failure: CheckFailure
    measured: tuple[Measured, ...] = ()


@dataclass(frozen=True, slots=True)
class Repeat(Verdict):
    """The checks passed, but the step can't be left yet: they are asked again an interval on.

    ``text`` and ``alert`` are told once in a step.
    """

    measured: tuple[Measured, ...] = ()
    text: str = ""
    alert: str = ""


@dataclass(frozen=True, slots=True)
class Advance(Verdict):
    """A passed step: the next one, by its index in the plan."""

    step: int
    measured: tuple[Measured, ...] = ()


@dataclass(frozen=True, slots=True)
class Promote(Verdict):
    """The judged revision becomes the primary's."""

    skipped: bool = False
    measured: tuple[Measured, ...] = ()


@dataclass(frozen=True, slots=True)
class Shift(Verdict):
    """Traffic returns to the promoted primary: ``weight`` stays on the canary, 0 ends it."""

    weight: int


@dataclass(frozen=True, slots=True)
class Rollback(Verdict):
    """The run failed. ``texts`` are the warnings that name the cause.

    ``alert`` says it in chats (``reason`` when empty), with ``measured``, the failed checks that
    led to it.
    """

    texts: tuple[str, ...] = ()
    alert: str = ""
    measured: tuple[Measured, ...] = ()


@dataclass(frozen=True, slots=True)
class Fall(Verdict):
    """One step less for a canary that failed: ``weight`` stays on it, 0 ends it."""

    weight: int


@dataclass(frozen=True, slots=True)
class Refuse(Verdict):
    """The promotion failed: the primary doesn't become ready, so the canary keeps serving."""

    cause: str


@dataclass(frozen=True, slots=True)
class Done(Verdict):
    """A stage has reached its end: initialised, promoted, or reverted."""


@dataclass(frozen=True, slots=True)
class Leave(Verdict):
    """The Canary is being deleted; ``reverts``: what it changed is given back first."""

    reverts: bool


@dataclass(frozen=True, slots=True)
class Tidy(Verdict):
    """Nothing changed but what is settled can leave the record."""


@dataclass(frozen=True, slots=True)
class Scale(Verdict):
    """A command for a workload outside the steps.

    ``replicas`` is for the target (``recycled`` ends the replacement of its pods); ``restore``
    gives the primary the promoted template back.
    """

    replicas: int | None = None
    recycled: bool = False
    restore: bool = False


@dataclass(frozen=True, slots=True)
class Pin(Verdict):
    """The revision that the primary is to start with."""

    revision: Revision
