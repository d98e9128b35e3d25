"""Rules of manual control: what a person asked for, as far as the stage allows it."""

from __future__ import annotations

from canary.rollout import stay, texts
from canary.rollout.intent import Action, Intent
from canary.rollout.observed import Unknown
from canary.rollout.record import run_id
from canary.rollout.rules.analysis import measured
from canary.rollout.rules.start import begun
from canary.rollout.stage import Stage
from canary.rollout.verdict import Decline, Hear, Heed, Hold, Promote, Repeat, Rollback, Verdict
from canary.rollout.view import View


def requested(view: View) -> Verdict | None:
    """A request is put on record as soon as it is seen, and once."""
    request, heard = view.world.request, view.record.heard
    if request is None:
        return Hear("the request is no longer there") if heard else None
    if request.token == heard:
        return None
    return Hear(f"asked for: {request.action or request.problem}", request=request)


def subject(view: View) -> str:
    """The run that a request of this moment is for."""
    record = view.record
    if record.stage in (Stage.WAITING, Stage.FAILED):
        revision = view.revision
        return "" if isinstance(revision, Unknown) else run_id(revision, record.runs + 1)
    return record.run.id if record.run and record.stage.running else ""


def outdated(view: View) -> Verdict | None:
    """A request is for one run: another one, or a stage that can't do it, declines it."""
    intent = view.record.intent
    if intent is None:
        return None
    reason = _obstacle(view, intent)
    return Decline(reason, text=texts.declined(str(intent), reason)) if reason else None


def _obstacle(view: View, intent: Intent) -> str:
    stage = view.record.stage
    match intent.action:
        case Action.RETRY:
            possible = stage is Stage.FAILED
        case Action.ABORT:
            possible = stage.judged or stage is Stage.WAITING
        case Action.APPROVE:
            possible = stage.judged or stage is Stage.WAITING
        case _:
            possible = stage.judged
    if not possible:
        return f"it can't be done in phase {stage.value}"
    if intent.run != subject(view) and not isinstance(view.revision, Unknown):
        return "another revision has come meanwhile"
    if intent.action is Action.RETRY and view.revision == view.record.promoted:
        return "the target runs the promoted revision"
    if intent.action is Action.APPROVE and not waits(view):
        return "nothing waits for an approval"
    if intent.action is Action.RESUME and not view.run.paused:
        return "nothing is paused"
    return ""


def waits(view: View) -> bool:
    """Whether something waits for an approval: a gate, or a step of the plan."""
    return view.record.awaits is not None or step_waits(view)


def step_waits(view: View) -> bool:
    """Whether the present step wants an approval that it hasn't got."""
    run = view.record.run
    if run is None or not view.record.stage.judged or stay.approved(view):
        return False
    step = stay.step_of(view)
    return step is not None and step.approval


def _is(view: View, action: Action) -> Intent | None:
    intent = view.record.intent
    return intent if intent is not None and intent.action is action else None


def aborted(view: View) -> Verdict | None:
    """An abort waits for nothing: not for health, checks, gates or answers."""
    intent = _is(view, Action.ABORT)
    if intent is None:
        return None
    return Rollback(
        str(intent),
        texts=(texts.aborted(view.name, str(intent)),),
        alert=f"Rolling back: {intent}",
    )


def heeded(view: View) -> Verdict | None:
    """Pause, resume and approval change what the run waits for."""
    intent = view.record.intent
    if intent is None or intent.action not in (Action.PAUSE, Action.RESUME, Action.APPROVE):
        return None
    return Heed(str(intent), intent=intent)


def asked_to_promote(view: View) -> Verdict | None:
    """A healthy canary is promoted without further checks."""
    intent = _is(view, Action.PROMOTE)
    return Promote(str(intent)) if intent else None


def retried(view: View) -> Verdict | None:
    """A failed revision gets another run, with no inherited evidence."""
    return begun(view) if _is(view, Action.RETRY) else None


def kept_paused(view: View) -> Verdict | None:
    """A paused run takes no step, and goes on checking: a bad canary still fails."""
    run = view.run
    if not run.paused:
        return None
    if run.step < 0:
        return Hold(f"paused: {run.paused}")
    return Repeat(f"paused: {run.paused}", measured=measured(view))
