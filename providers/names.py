"""Names and metadata that routing objects of all providers share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from providers.interface import Context, Object

FLUX_MARKERS = {
    "kustomize.toolkit.fluxcd.io/reconcile": "disabled",
    "helm.toolkit.fluxcd.io/driftDetection": "disabled",
}


def service(canary: Object) -> dict[str, Any]:
    """``spec.service``, empty when it is missing."""
    return dict(canary["spec"].get("service") or {})


def analysis(canary: Object) -> dict[str, Any]:
    """``spec.analysis``, empty when it is missing."""
    return dict(canary["spec"].get("analysis") or {})


def affinity(canary: Object) -> dict[str, Any]:
    """``spec.analysis.sessionAffinity``, empty when it is missing."""
    return dict(analysis(canary).get("sessionAffinity") or {})


def apex(canary: Object) -> str:
    """Name of the apex Service, which routing objects bear too."""
    return str(service(canary).get("name") or canary["spec"]["targetRef"]["name"])


def where(canary: Object) -> str:
    """``NAME.NAMESPACE`` of the routing object, as messages spell it."""
    return f"{apex(canary)}.{canary['metadata']['namespace']}"


def metadata(context: Context, name: str, *, marked: bool = True) -> dict[str, Any]:
    """Metadata of a generated object; ``marked``: with apex metadata and the Flux markers."""
    meta: dict[str, Any] = {
        "name": name,
        "namespace": context.canary["metadata"]["namespace"],
    }
    if marked:
        extra = service(context.canary).get("apex") or {}
        labels = dict(extra.get("labels") or {}) | dict(context.labels)
        if labels:
            meta["labels"] = labels
        meta["annotations"] = dict(extra.get("annotations") or {}) | FLUX_MARKERS
    if context.owner is not None:
        meta["ownerReferences"] = [dict(context.owner)]
    return meta


def owner(live: Object) -> Mapping[str, Any] | None:
    """The controlling owner reference of an object."""
    for reference in live["metadata"].get("ownerReferences") or ():
        if reference.get("controller"):
            return dict(reference)
    return None


def belongs(live: Object, canary: Object) -> bool:
    """Whether this Canary (by kind and name) controls ``live``."""
    found = owner(live)
    name = canary["metadata"]["name"]
    return found is not None and (found.get("kind"), found.get("name")) == ("Canary", name)


def other_canary(live: Object, canary: Object) -> str:
    """Name of another Canary that controls ``live``; empty if there is none."""
    found = owner(live)
    if found is None or found.get("kind") != "Canary" or belongs(live, canary):
        return ""
    return str(found.get("name"))


def orphaned(live: Object, canary: Object) -> list[dict[str, Any]]:
    """JSON Patch that takes the owner reference of this Canary from ``live``, if it has it."""
    if not belongs(live, canary):
        return []
    references = live["metadata"]["ownerReferences"]
    name = canary["metadata"]["name"]
    mine = ("Canary", name)
    kept = [dict(ref) for ref in references if (ref.get("kind"), ref.get("name")) != mine]
    path = "/metadata/ownerReferences"
    return [
        {"op": "test", "path": path, "value": [dict(reference) for reference in references]},
        {"op": "replace", "path": path, "value": kept},
    ]


def freed(live: Object, changed: bool, *others: str) -> list[dict[str, Any]]:
    """JSON Patch that takes the Flux markers and the annotations ``others`` from a user's object.

    The engine sets both markers: where nothing else of it was left (``changed`` is False), a single
    one is the user's.
    """
    annotations: Mapping[str, str] = live["metadata"].get("annotations") or {}
    marks = [key for key, value in FLUX_MARKERS.items() if annotations.get(key) == value]
    gone = {*others, *(marks if changed or len(marks) == len(FLUX_MARKERS) else ())}
    kept = {key: value for key, value in annotations.items() if key not in gone}
    if kept == annotations:
        return []
    path = "/metadata/annotations"
    return [
        {"op": "test", "path": path, "value": dict(annotations)},
        {"op": "replace", "path": path, "value": kept},
    ]


def metadata_differs(live: Object, wanted: Mapping[str, Any]) -> bool:
    """Whether ``live`` lacks a label, annotation or owner of ``wanted``."""
    meta = live["metadata"]
    for field in ("labels", "annotations"):
        have = meta.get(field) or {}
        if any(have.get(key) != value for key, value in (wanted.get(field) or {}).items()):
            return True
    have_owners = meta.get("ownerReferences") or []
    return any(
        not any(all(ref.get(k) == v for k, v in want.items()) for ref in have_owners)
        for want in wanted.get("ownerReferences") or ()
    )


def clone(value: Any) -> Any:
    """A copy of a JSON value, quicker than ``copy.deepcopy``."""
    return orjson.loads(orjson.dumps(value))


def compact(value: Any) -> Any:
    """``value`` without nulls and empty maps and lists, so that absent and empty are equal."""
    if type(value) is dict or isinstance(value, Mapping):  # the first is quick
        inner = {key: compact(item) for key, item in value.items()}
        return {key: item for key, item in inner.items() if item not in (None, {}, [])}
    if isinstance(value, (list, tuple)):
        return [compact(item) for item in value]
    return value
