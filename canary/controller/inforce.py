"""A Canary as its run goes by it: with the names that the run is bound to (``rollout/binding``)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from canary.api.canary import Canary, parse
from canary.kube.resources import Obj
from canary.rollout.binding import Binding, binding, bound
from canary.rollout.record import Record


@dataclass(frozen=True, slots=True)
class InForce:
    """The Canary to go by; ``wanted`` is what its spec asks for instead, if anything."""

    obj: Obj
    canary: Canary
    wanted: Binding | None = None


def in_force(obj: Obj, canary: Canary, record: Record, provider: str) -> InForce:
    """What is in force of ``obj``, whose model is ``canary``; ``provider`` as for ``binding``."""
    held = record.run.binding if record.run else None
    wanted = binding(canary, provider)
    if held is None or held == wanted:
        return InForce(obj, canary)
    kept = {**obj, "spec": bound(obj["spec"], held)}
    return InForce(kept, parse(kept), wanted)


def bind(record: Record, canary: Canary, provider: str) -> Record:
    """``record`` with its run bound, where another controller or an older engine began it."""
    if record.run is None or record.run.binding is not None or not record.stage.running:
        return record
    return replace(record, run=replace(record.run, binding=binding(canary, provider)))
