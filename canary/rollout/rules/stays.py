"""Rules of steps that are told one by one: what it takes to leave one, beside a passed check."""

from __future__ import annotations

from canary.rollout import stay, texts
from canary.rollout.observed import Present
from canary.rollout.plan import next_step
from canary.rollout.rules.analysis import measured
from canary.rollout.verdict import Hold, Repeat, Scale, Verdict
from canary.rollout.view import View


def stayed(view: View) -> Verdict | None:
    """A step lasts as long as the spec says; the checks go on."""
    left = stay.left(view)
    if not left:
        return None
    reason = f"step {view.run.step + 1} at weight {view.record.weight} stays for {left:.0f} s more"
    return Repeat(f"{reason}, checks pass", measured=measured(view))


def approved(view: View) -> Verdict | None:
    """A step that wants an approval waits for it without end; the checks go on."""
    step = stay.step_of(view)
    if step is None or not step.approval or stay.approved(view):
        return None
    number, weight = view.steps.index(step) + 1, view.record.weight
    return Repeat(
        f"step {number} at weight {weight} waits for approval, checks pass",
        measured=measured(view),
        text=texts.step_unapproved(view.name, number, weight),
        alert=f"Canary step {number} at weight {weight} is waiting for approval.",
    )


def sized(view: View) -> Verdict | None:
    """The next step's pods are there before it gets its weight."""
    index, target = next_step(view.steps, view.position), view.world.target
    wanted = None if index is None else view.steps[index].replicas
    if wanted is None or not isinstance(target, Present) or target.value.replicas == wanted:
        return None
    if view.record.scale_target == wanted:
        return Hold(f"waiting for {wanted} replicas of the canary")
    return Scale(f"the next step wants {wanted} replicas of the canary", replicas=wanted)
