"""What any stage can conclude: it waits, asks, notes, or is done."""

from __future__ import annotations

from dataclasses import dataclass

from canary.rollout.questions import Question


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
class Note(Verdict):
    """Something to put on record without a move of weights: ``text`` is announced."""

    text: str = ""
    warning: bool = False
    error: bool = False


@dataclass(frozen=True, slots=True)
class Tidy(Verdict):
    """Nothing changed but what is settled can leave the record."""


@dataclass(frozen=True, slots=True)
class Done(Verdict):
    """A stage has reached its end: initialised, promoted, or reverted."""
