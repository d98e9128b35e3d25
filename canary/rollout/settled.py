"""What may leave the record because the world shows that it is done."""

from __future__ import annotations

from dataclasses import replace

from canary.rollout.observed import Present
from canary.rollout.record import Record
from canary.rollout.view import View
from canary.rollout.world import Target


def settled(view: View) -> Record:
    """The record without delivered announcements and without commands seen to be carried out."""
    record = view.record.delivered(view.delivered)
    target, primary = view.world.target, view.world.primary
    if isinstance(target, Present) and _resized(target.value, record.scale_target):
        record = replace(record, scale_target=None)
    if isinstance(primary, Present):
        if primary.value.replicas == record.scale_primary:
            record = replace(record, scale_primary=None)
        if record.scale_primary is None and not record.primary_replicas:
            record = replace(record, primary_replicas=primary.value.replicas)
    if record.stage.idle and (record.hold or record.problem) and not view.world.problems:
        record = replace(record, hold="", problem="")
    return record


def _resized(target: Target, wanted: int | None) -> bool:
    return not target.scales or target.replicas == wanted
