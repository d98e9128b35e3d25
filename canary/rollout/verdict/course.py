"""What moves a run: its steps, its ends, and what they need."""

from __future__ import annotations

from dataclasses import dataclass

from canary.rollout.binding import Binding
from canary.rollout.questions import CheckFailure
from canary.rollout.record import Measured, Revision
from canary.rollout.verdict.base import Verdict


@dataclass(frozen=True, slots=True)
class Pin(Verdict):
    """The revision that the primary is to start with."""

    revision: Revision


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
class Rebind(Verdict):
    """What the run is bound to from now on (None: nothing), and which edit of that was told."""

    text: str
    binding: Binding | None = None
    asked: Binding | None = None


@dataclass(frozen=True, slots=True)
class Advance(Verdict):
    """A passed step: the next one, by its index in the plan."""

    step: int
    measured: tuple[Measured, ...] = ()


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
class Lower(Verdict):
    """The canary's weight falls to ``weight`` at once; the run goes on from the step below it."""

    weight: int
    text: str = ""


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
class Scale(Verdict):
    """A command for a workload outside the steps.

    ``replicas`` is for the target (``recycled`` ends the replacement of its pods); ``restore``
    gives the primary the promoted template back.
    """

    replicas: int | None = None
    recycled: bool = False
    restore: bool = False


@dataclass(frozen=True, slots=True)
class Refuse(Verdict):
    """The promotion failed: the primary doesn't become ready, so the canary keeps serving."""

    cause: str


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
