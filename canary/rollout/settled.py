"""What may leave the record because the world shows that it is done."""

from __future__ import annotations

from dataclasses import replace

from canary.rollout.observed import Present
from canary.rollout.record import Record
from canary.rollout.sizes import sized_by_steps
from canary.rollout.view import View
from canary.rollout.world import World


def settled(view: View) -> Record:
    """The record without delivered announcements and without commands seen to be carried out."""
    record = view.record.delivered(view.delivered)
    world, primary = view.world, view.world.primary
    if target_resized(view, record.scale_target):
        record = replace(record, scale_target=None)
    if isinstance(primary, Present):
        if primary_resized(world, record.scale_primary, autoscaled=view.autoscaled):
            record = replace(record, scale_primary=None)
        if record.scale_primary is None and not record.primary_replicas:
            record = replace(record, primary_replicas=primary.value.replicas)
    if record.stage.idle and not view.world.problems:
        record = replace(record, hold="", problem="")
    return record


def target_resized(view: View, wanted: int | None) -> bool:
    """Whether the target has the size that a command asks for.

    Commands lead from zero and to it: a size that somebody gave it meanwhile is left to it. Only
    steps that say a size ask for that.
    """
    if not isinstance(view.world.target, Present):
        return False
    target = view.world.target.value
    started = bool(wanted) and target.replicas > 0 and not sized_by_steps(view)
    return not target.scales or started or target.replicas == wanted


def primary_resized(world: World, wanted: int | None, *, autoscaled: bool) -> bool:
    """Whether the primary has the size that a command asks for, at least with an autoscaler."""
    if not isinstance(world.primary, Present):
        return False
    replicas = world.primary.value.replicas
    return replicas == wanted or (autoscaled and replicas >= (wanted or 0))
