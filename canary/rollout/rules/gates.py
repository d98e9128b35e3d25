"""Rules of webhooks: what has to agree, and when, before a rollout goes on."""

from __future__ import annotations

from canary.api.hooks import HookType
from canary.rollout import texts
from canary.rollout.gates import GATES, halted
from canary.rollout.observed import Unknown
from canary.rollout.plan import next_step
from canary.rollout.questions import CheckFailure, Gate, Known, Replies
from canary.rollout.record import Measured, Revision, run_id
from canary.rollout.stage import Stage
from canary.rollout.verdict import Ask, Await, Count, Done, Hold, Rollback, Verdict
from canary.rollout.view import View


def gate(view: View, hook: HookType, revision: Revision | None = None) -> Gate:
    """The question to the hooks of one type at this moment; ``revision`` before it has a run."""
    if revision is not None:
        return Gate(run_id(revision, view.record.runs + 1), hook, view.record.confirms)
    return Gate(view.run.id, hook, view.run.polls)


def asked(view: View, question: Gate) -> Replies | Ask:
    """What the hooks said; where there are none, nothing."""
    hooks = view.canary.spec.analysis.hooks(question.hook)
    if not hooks:
        return Replies()
    answer = view.answer(question)
    if isinstance(answer, Known):
        replies: Replies = answer.value
        return replies
    names = ", ".join(hook.name for hook in hooks)
    return Ask(f"asking {question.hook.value} {names}", view.asking(question))


def _closed(view: View, question: Gate, revision: Revision | None = None) -> Verdict | None:
    """A gate that isn't open: asked, or closed. One that was opened by hand isn't asked."""
    if view.record.approved is question.hook:
        return None
    replies = asked(view, question)
    if isinstance(replies, Ask):
        return replies
    for reply in replies.no:
        meaning = GATES[question.hook]
        return Await(
            f"{question.hook.value} {reply.hook} is closed: {reply.text}",
            question.hook,
            text=halted(view, question.hook, reply.hook),
            alert="" if reply.muted else meaning.alert,
            revision=revision,
        )
    return None


def _failed(view: View, question: Gate) -> Verdict | None:
    """A check that isn't passed: asked, or failed."""
    replies = asked(view, question)
    if isinstance(replies, Ask):
        return replies
    for reply in replies.no:
        text = halted(view, question.hook, reply.hook, reply.text)
        failure = CheckFailure(text, metric=reply.hook, value=reply.text, limit="passes")
        measured = Measured(reply.hook, passed=False, value=reply.text, limit="passes")
        return Count(text, failure=failure, measured=(measured,))
    return None


def waited(view: View) -> Verdict | None:
    """A closed gate is asked once an interval."""
    since = view.evaluated_at
    if view.record.approved is not None:
        return None
    if since is None or view.now.mono >= since + view.timing.interval:
        return None
    return Hold("waiting to ask again", until=since + view.timing.interval)


def confirmed(view: View, revision: Revision) -> Verdict | None:
    """Whether the rollout of ``revision`` may start."""
    return _closed(view, gate(view, HookType.CONFIRM_ROLLOUT, revision), revision)


def confirmed_again(view: View) -> Verdict | None:
    """A revision that replaced another in mid-run is no more confirmed than a first one (D11)."""
    if not view.run.unconfirmed or not view.canary.spec.analysis.confirm_restart:
        return None
    return _closed(view, gate(view, HookType.CONFIRM_ROLLOUT), view.run.revision)


def left(view: View) -> Verdict | None:
    """The target is back at the promoted revision: there is nothing to confirm (D9)."""
    revision = view.revision
    if isinstance(revision, Unknown):
        return Hold(revision.why, blind=True)
    return Done(f"{revision} is promoted already") if revision == view.record.promoted else None


def rollback_wanted(view: View) -> Verdict | None:
    """A rollback hook that says yes ends the run, or the wait for one (D10)."""
    revision = view.revision
    subject = None
    if view.record.stage is Stage.WAITING:
        if isinstance(revision, Unknown):
            return Hold(revision.why, blind=True)
        subject = revision
    replies = asked(view, gate(view, HookType.ROLLBACK, subject))
    if isinstance(replies, Ask):
        return replies
    for reply in replies.yes:
        said = (f"Rollback check {reply.hook} passed", texts.rollback_by_hook(view.name))
        return Rollback(
            f"rollback hook {reply.hook} asked for it",
            texts=said,
            alert="Rolling back manual webhook invoked",
        )
    return None


def prepared(view: View) -> Verdict | None:
    """The pre-rollout hooks pass before the first traffic, once for each start."""
    run = view.run
    if run.step >= 0 or run.prepared:
        return None
    return _failed(view, gate(view, HookType.PRE_ROLLOUT))


def checked(view: View) -> Verdict | None:
    """The rollout hooks pass before the metrics are looked at."""
    return _failed(view, gate(view, HookType.ROLLOUT)) if view.run.step >= 0 else None


def traffic_increase(view: View) -> Verdict | None:
    """More weight, and the promotion after the last, need their gate; iterations don't."""
    if view.record.mirror or view.steps[0].iteration:
        return None
    return _closed(view, gate(view, HookType.CONFIRM_TRAFFIC_INCREASE))


def promotion(view: View) -> Verdict | None:
    """The gate before the promotion, and in Blue/Green before the switch as well (D43)."""
    index = next_step(view.steps, view.position)
    if index is not None and not view.steps[index].guarded:
        return None
    return _closed(view, gate(view, HookType.CONFIRM_PROMOTION))
