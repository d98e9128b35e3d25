"""By what cached objects are found, beside their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from canary.kube.resources import CANARIES, CONTROLLER_REVISIONS, ENDPOINT_SLICES, Obj
from canary.rollout.runcodec import moment
from canary.rollout.stage import Stage
from canary.workloads.endpoints import SERVICE_LABEL

BY_OWNER, BY_SERVICE, BY_TARGET, BY_APEX = "owner", "service", "target", "apex"
BY_INGRESS, BY_FLIGHT = "ingress", "flight"
RUNNING, QUEUED = "running", "queued"
_IN_FLIGHT = frozenset(stage.value for stage in Stage if stage.running)


def owner_index(obj: Obj) -> Iterator[str]:
    """Pins by the Canary that owns them."""
    for reference in obj["metadata"].get("ownerReferences") or ():
        if reference.get("kind") == "Canary":
            yield f"{obj['metadata']['namespace']}/{reference['uid']}"


def service_index(obj: Obj) -> Iterator[str]:
    """EndpointSlices by their Service."""
    meta = obj["metadata"]
    name = (meta.get("labels") or {}).get(SERVICE_LABEL)
    if name:
        yield f"{meta['namespace']}/{name}"


def target_index(obj: Obj) -> Iterator[str]:
    """Canaries by their target."""
    yield from _places(obj, _text(obj, "targetRef", "name"), _bound(obj, "target"))


def apex_index(obj: Obj) -> Iterator[str]:
    """Canaries by their apex Service."""
    apex = _text(obj, "service", "name") or _text(obj, "targetRef", "name")
    yield from _places(obj, apex, _bound(obj, "service") or _bound(obj, "target"))


def ingress_index(obj: Obj) -> Iterator[str]:
    """Canaries by the Ingress that they refer to."""
    yield from _places(obj, _text(obj, "ingressRef", "name"), _bound(obj, "ingress"))


def _places(obj: Obj, *names: str) -> Iterator[str]:
    """What the spec asks for, and what a run is bound to."""
    for name in dict.fromkeys(filter(None, names)):
        yield f"{obj['metadata']['namespace']}/{name}"


def _bound(obj: Obj, field: str) -> str:
    """A name of record, which somebody may have damaged."""
    found: object = obj.get("status")
    for name in ("engine", "run", "binding", field):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else ""


def flight_index(obj: Obj) -> Iterator[str]:
    """Canaries with a run in flight, and those that wait for their turn, by their records."""
    status = obj.get("status")
    engine = status.get("engine") if isinstance(status, Mapping) else None
    if not isinstance(engine, Mapping) or "deletionTimestamp" in obj["metadata"]:
        return
    if engine.get("stage") in _IN_FLIGHT:
        yield RUNNING
    elif _is_moment(engine.get("queued")):
        yield QUEUED


def _is_moment(stored: object) -> bool:
    """Whether a record that somebody may have damaged says when."""
    try:
        return isinstance(stored, str) and moment(stored) is not None
    except ValueError:
        return False


def _text(obj: Obj, block: str, field: str) -> str:
    """A text two levels down in a spec that nobody has validated yet."""
    spec = obj.get("spec")
    found = spec.get(block) if isinstance(spec, Mapping) else None
    value = found.get(field) if isinstance(found, Mapping) else None
    return value if isinstance(value, str) else ""


INDEXES = {
    CANARIES: {
        BY_TARGET: target_index,
        BY_APEX: apex_index,
        BY_INGRESS: ingress_index,
        BY_FLIGHT: flight_index,
    },
    CONTROLLER_REVISIONS: {BY_OWNER: owner_index},
    ENDPOINT_SLICES: {BY_SERVICE: service_index},
}
