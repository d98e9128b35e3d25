"""The last guard before the API: rules of safety that hold whatever was decided.

They know nothing of how a decision is made. A refused write stops its one Canary and announces
itself; it never stops the process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from canary.controller.writes import Apply, Patch, Scale, Write, puts_weight
from canary.rollout.observed import Present
from canary.rollout.record import Record
from canary.rollout.view import View
from canary.rollout.world import World


@dataclass(frozen=True, slots=True)
class Violation:
    """A write that would break a promise, and which one (S1 to S12 of ``docs/design.md``)."""

    promise: str
    text: str


def vet(writes: Sequence[Write], record: Record, view: View) -> Violation | None:
    """The first violation among ``writes``; None when all may go out."""
    for write in writes:
        violation = _vet(write, record, view)
        if violation:
            return violation
    return None


def _vet(write: Write, record: Record, view: View) -> Violation | None:
    weight = puts_weight(write)
    if weight is not None:
        return _vet_route(write, weight, record, view.world)
    if isinstance(write, (Apply, Patch)) and write.serves:
        return _vet_service(write, view.world)
    if isinstance(write, Scale) and write.replicas == 0 and write.primary:
        return Violation("S2", f"{write.key} is the primary: it is never scaled to zero")
    if isinstance(write, Scale) and write.replicas == 0:
        return _vet_zero(write, record, view)
    if isinstance(write, Patch) and write.idles:
        return _vet_zero(write, record, view)
    if isinstance(write, (Apply, Patch)) and write.template:
        return _vet_template(write, record)
    return None


def _vet_route(write: Write, weight: int, record: Record, world: World) -> Violation | None:
    if not 0 <= weight <= 100:
        return Violation("S1", f"weight {weight} of {write.key} is not a share")
    if weight > record.weight and not _falls_short(weight, world):
        return Violation("S3", f"weight {weight} of {write.key} exceeds {record.weight} of record")
    before = world.route.value.weight if isinstance(world.route, Present) else None
    rises = before is None or weight > before
    falls = before is None or weight < before
    if weight > 0 and rises and world.canary_endpoints == 0:
        return Violation("S2", f"{write.key} would send {weight} % to a canary with no endpoint")
    if weight < 100 and falls and world.primary_endpoints == 0:
        return Violation("S2", f"{write.key} would send {100 - weight} % to a dead primary")
    return None


def _falls_short(weight: int, world: World) -> bool:
    """The live weight can't fall yet (no primary endpoint): repeating it raises nothing."""
    return isinstance(world.route, Present) and weight <= world.route.value.weight


def _vet_service(write: Write, world: World) -> Violation | None:
    if world.apex_ready or world.primary_endpoints > 0:
        return None
    return Violation("S2", f"Service {write.key} would select a primary with no ready pod")


def _vet_zero(write: Write, record: Record, view: View) -> Violation | None:
    if record.weight > 0 or not view.drained:
        return Violation("S8", f"{write.key} would go to zero before it has drained")
    return None


def _vet_template(write: Apply | Patch, record: Record) -> Violation | None:
    meant = record.primary.template if record.primary else ""
    if write.template != meant:
        return Violation("S4", f"{write.key} would get {write.template}, of record is {meant}")
    return None
