"""Moves from the copy to the primary until the end of the promotion."""

from __future__ import annotations

from dataclasses import replace

from canary.rollout import alerts, texts
from canary.rollout.moves.base import called, listened, moved, quiet
from canary.rollout.observed import Present
from canary.rollout.plan import adaptations
from canary.rollout.record import Record
from canary.rollout.sizes import for_promotion, for_service, sized_by_steps
from canary.rollout.stage import Stage
from canary.rollout.verdict import Done, Promote, Refuse, Shift
from canary.rollout.view import View


def promote(view: View, verdict: Promote) -> Record:
    """The pinned template goes to the primary, which takes the target's size."""
    record, run = listened(view, moved(view, verdict)).unbound(), view.run
    target = view.world.target
    replicas = target.value.replicas if isinstance(target, Present) else 0
    if sized_by_steps(view):
        replicas = 0
    run = replace(
        run,
        waiting_since=view.now.wall,
        skipped=verdict.skipped,
        measured=verdict.measured or run.measured,
    )
    if verdict.skipped:
        record = quiet(view, record, 0)
    record = replace(
        record,
        stage=Stage.PROMOTING,
        run=run,
        primary=run.revision,
        scale_primary=for_promotion(view),
        primary_replicas=replicas or record.primary_replicas,
    )
    for text in adaptations(view.canary, view.traffic) if not verdict.skipped else ():
        record = record.say(text, warning=True)
    return record.say(texts.copying(view.target_name, view.primary_name))


def shift(view: View, verdict: Shift) -> Record:
    """Weight goes back to the primary; the last of it begins the end."""
    stepped = view.canary.spec.analysis.step_weight_promotion > 0 and view.record.weight > 0
    record = quiet(view, moved(view, verdict), verdict.weight)
    run = replace(view.run, shifts=view.run.shifts + 1)
    if verdict.weight == 0:
        run = replace(run, waiting_since=view.now.wall)
        record = replace(record, stage=Stage.FINALISING)
    record = replace(record, run=run)
    if run.skipped or not view.traffic.weights:
        return record
    if stepped:
        return record.say(texts.primary_weight(view.name, 100 - verdict.weight))
    return record.say(texts.TO_PRIMARY)


def succeeded(view: View, verdict: Done) -> Record:
    """The judged revision is promoted; the target goes to zero once drained."""
    record, run = moved(view, verdict), view.run
    record = replace(
        record,
        stage=Stage.SUCCEEDED,
        promoted=run.revision,
        primary=run.revision,
        scale_target=0,
    )
    text = texts.skipped if run.skipped else texts.completed
    record = called(view, record)
    return record.say(text(view.target_name), alert=alerts.promoted(run))


def promotion_failed(view: View, verdict: Refuse) -> Record:
    """The canary passed and keeps serving, if it still is what passed and can serve."""
    record = moved(view, verdict)
    able = view.world.canary_endpoints > 0 and view.revision == view.run.revision
    weight = 100 if able and view.traffic.weights else record.weight
    record = replace(record, stage=Stage.FAILED, weight=weight)
    size = for_service(view) if weight == 100 else None
    record = record if size is None else replace(record, scale_target=size)
    record = record.say(verdict.cause, warning=True)
    text = texts.promotion_failed(view.target_name, verdict.cause)
    alert = alerts.promotion_failed(view.run, verdict.cause)
    return called(view, record.say(text, warning=True, alert=alert))
