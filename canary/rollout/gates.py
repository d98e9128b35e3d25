"""What yes and no of a webhook mean, for each type: one row each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from canary.api.hooks import HookType
from canary.rollout.questions import Gate, Known, Replies
from canary.rollout.view import View


@dataclass(frozen=True, slots=True)
class Meaning:
    """How the replies of one type of hook are told.

    ``yes`` and ``no`` give the event for the name of a hook; None where it says nothing, or where
    the verdict tells it. ``halt`` is what a closed gate says, after ``Halt NAME advancement``;
    ``alert`` goes to chats when its wait begins. ``any_yes``: the first yes decides, not the first
    no.
    """

    yes: Callable[[str], str] | None = None
    no: Callable[[str], str] | None = None
    halt: str = ""
    alert: str = ""
    any_yes: bool = False


def _passed(kind: str) -> Callable[[str], str]:
    return lambda hook: f"{kind} check {hook} passed"


GATES: Mapping[HookType, Meaning] = {
    HookType.CONFIRM_ROLLOUT: Meaning(
        yes=_passed("Confirm-rollout"),
        halt="waiting for approval {hook}",
        alert="Canary is waiting for approval.",
    ),
    HookType.PRE_ROLLOUT: Meaning(
        yes=_passed("Pre-rollout"), halt="pre-rollout check {hook} failed {text}"
    ),
    HookType.ROLLOUT: Meaning(halt="external check {hook} failed {text}"),
    HookType.CONFIRM_TRAFFIC_INCREASE: Meaning(
        yes=_passed("Confirm-traffic-increase"),
        halt="waiting for traffic increase approval {hook}",
        alert="Canary traffic increase is waiting for approval.",
    ),
    HookType.CONFIRM_PROMOTION: Meaning(
        yes=_passed("Confirm-promotion"),
        halt="waiting for promotion approval {hook}",
        alert="Canary promotion is waiting for approval.",
    ),
    HookType.ROLLBACK: Meaning(
        no=lambda hook: f"Rollback hook {hook} not signaling a rollback", any_yes=True
    ),
    HookType.POST_ROLLOUT: Meaning(yes=_passed("Post-rollout")),
    HookType.EVENT: Meaning(),
}

FIRST = (HookType.CONFIRM_ROLLOUT, HookType.ROLLBACK)
"""Hooks that are called before an analysis begins, in this order."""
THEN = (
    HookType.PRE_ROLLOUT,
    HookType.ROLLOUT,
    HookType.CONFIRM_TRAFFIC_INCREASE,
    HookType.CONFIRM_PROMOTION,
)
"""Hooks that are part of one, in this order."""


def heard(view: View, hooks: Iterable[HookType]) -> Iterator[str]:
    """What the ``hooks`` that were called at this moment said, to be told with what follows."""
    found = {
        question.hook: answer.value
        for question, answer in view.answers.items()
        if isinstance(question, Gate) and isinstance(answer, Known)
    }
    for hook in hooks:
        replies: Replies | None = found.get(hook)
        if replies is None:
            continue
        meaning = GATES[hook]
        yield from (meaning.no(reply.hook) for reply in replies.no if meaning.no)
        yield from (meaning.yes(reply.hook) for reply in replies.yes if meaning.yes)


def halted(view: View, hook: HookType, name: str, text: str = "") -> str:
    """The event of a gate that is closed, or of a check that failed."""
    return f"Halt {view.name} advancement {GATES[hook].halt.format(hook=name, text=text)}"
