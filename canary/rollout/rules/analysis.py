"""Rules of a run: what ends it, what starts it over, and what it takes to move a step."""

from __future__ import annotations

from datetime import timedelta

from canary.rollout import alerts, stay, texts
from canary.rollout.observed import Present, Unknown
from canary.rollout.plan import next_step
from canary.rollout.questions import CheckFailure, Evaluation, Known
from canary.rollout.record import Measured
from canary.rollout.rules.gates import waited
from canary.rollout.rules.start import needs_recycling, route_complaint, route_wait
from canary.rollout.verdict import (
    Advance,
    Ask,
    Count,
    Done,
    Hold,
    Promote,
    Repeat,
    Restart,
    Rollback,
    Verdict,
)
from canary.rollout.view import View


def reverted(view: View) -> Verdict | None:
    """The target is back at the promoted revision: the run ends in peace (D7)."""
    revision = view.revision
    if isinstance(revision, Unknown):
        return Hold(revision.why)
    if revision != view.record.promoted or revision == view.run.revision:
        return None
    return Done(f"{revision} is the promoted revision")


def superseded(view: View) -> Verdict | None:
    """The target changed again: back to the first step, with no inherited evidence."""
    revision, run = view.revision, view.run
    if isinstance(revision, Unknown) or revision == run.revision:
        return None
    return Restart(
        f"{revision} replaces {run.revision}",
        revision=revision,
        recycle=needs_recycling(view, revision, run.revision),
    )


def pinned(view: View) -> Verdict | None:
    """What is judged must be what can be promoted: no step without the pin."""
    if view.run.revision.template in view.world.pins:
        return None
    return Hold(f"{view.run.revision} is not pinned yet")


def skipped(view: View) -> Verdict | None:
    """``skipAnalysis``: the healthy canary is promoted as it is."""
    return Promote("analysis is skipped by spec", skipped=True) if view.skip else None


def threshold(view: View) -> Verdict | None:
    """As many failed checks as ``threshold``, over the whole run, end it."""
    failed, limit = view.run.failed_checks, view.canary.spec.analysis.effective_threshold
    if failed < limit:
        return None
    worst = next((m for m in view.run.measured if not m.passed), None)
    because = f": {worst.metric} {worst.value}, limit {worst.limit}" if worst else ""
    return Rollback(
        f"{failed} failed checks of {limit} at step {view.run.step + 1} of "
        f"{view.run.revision}{because}",
        texts=(texts.threshold_reached(view.name, failed),),
        alert=alerts.threshold_reached(failed),
        measured=(worst,) if worst else (),
    )


def live(view: View) -> Verdict | None:
    """Evidence counts from when the proxies carry the weight of record.

    A gateway that takes its confirmation back goes on serving what it had: the checks go on too,
    so that a bad canary can fail (providers D5).
    """
    at = view.live_at
    if (at is not None and view.now.mono >= at) or _taken_back(view):
        return None
    return Hold(route_wait(view), text=route_complaint(view), until=at)


def _taken_back(view: View) -> bool:
    route = view.world.route
    if view.live_at is not None or not isinstance(route, Present):
        return False
    return route.value.proved and view.carried is not None and view.record.weight > 0


def paced(view: View) -> Verdict | None:
    """A step, and each further evaluation of it, lasts one interval, or as long as its stay; the
    first starts at once."""
    if view.run.step < 0:
        return waited(view)
    due = stay.due(view)
    if view.now.mono < due:
        return Hold(f"step {view.run.step + 1} at weight {view.record.weight}", until=due)
    return _window_clear(view)


def _window_clear(view: View) -> Verdict | None:
    """A metric window shared with the run before holds, uncounted (S5)."""
    since = view.run.quiet_since
    if since is None:
        return None
    clear = since + timedelta(seconds=view.timing.longest_window)
    due = view.now.mono + (clear - view.now.wall).total_seconds()
    # A wall clock that was set back must not make this wait endless.
    due = min(due, stay.served(view) + view.timing.longest_window)
    if view.now.mono >= due:
        return None
    return Hold("the metric window still holds traffic of the run before", until=due)


def question(view: View) -> Evaluation:
    """The evaluation that this moment of the run needs."""
    return Evaluation(view.run.id, view.run.step, view.run.polls)


def checks(view: View) -> Verdict | None:
    """The metrics: no answer holds, a failed check counts. Before the first step there are none."""
    if view.run.step < 0:
        return None
    answer = view.answer(question(view))
    if not isinstance(answer, Known):
        reason = f"evaluating the metrics at weight {view.record.weight}"
        return Ask(reason, view.asking(question(view)))
    failure: CheckFailure | None = answer.value.failure
    if failure is None:
        return None
    return Count(failure.text, failure=failure, measured=answer.value.measured)


def step(view: View) -> Verdict | None:
    """A passed evaluation earns the next step, or at the end of the plan the promotion."""
    passed = measured(view)
    reason = "; ".join(f"{m.metric} {m.value}, limit {m.limit}" for m in passed) or "no metrics"
    if view.live_at is None:
        return Repeat(f"{route_wait(view)}; passed: {reason}", measured=passed)
    if view.run.step < 0:
        reason = f"{view.run.revision} is ready"
    index = next_step(view.steps, view.position)
    if index is None:
        return Promote(f"passed at weight {view.record.weight}: {reason}", measured=passed)
    return Advance(f"passed: {reason}" if passed else reason, step=index, measured=passed)


def measured(view: View) -> tuple[Measured, ...]:
    """What the metrics were at this moment; nothing before the first step."""
    answer = view.answer(question(view))
    return answer.value.measured if isinstance(answer, Known) else ()
