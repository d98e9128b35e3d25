"""Autoscalers: the primary's copy of the target's, and pausing the target's (lifecycle 14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from canary.workloads.labels import portable
from canary.workloads.objects import Obj, pruned, thaw

PAUSED = "autoscaling.keda.sh/paused-replicas"
_PAUSES = "autoscaling.keda.sh/paused"
"""How all keys begin by which a ScaledObject is paused: never copied (D31)."""


@dataclass(frozen=True, slots=True)
class AutoscalerKind:
    """What is particular to one kind: the names of its bounds, and what of its metadata a copy has.

    ``pausable``: while its target is at zero it must be told so.
    """

    name: str
    api_version: str
    least: str
    most: str
    copied: tuple[str, ...]
    pausable: bool = False


HPA = AutoscalerKind(
    "HorizontalPodAutoscaler", "autoscaling/v2", "minReplicas", "maxReplicas", ("labels",)
)
SCALED_OBJECT = AutoscalerKind(
    "ScaledObject",
    "keda.sh/v1alpha1",
    "minReplicaCount",
    "maxReplicaCount",
    ("labels", "annotations"),
    pausable=True,
)
KINDS: Mapping[str, AutoscalerKind] = {kind.name: kind for kind in (HPA, SCALED_OBJECT)}
"""By ``spec.autoscalerRef.kind``."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """``primaryScalerReplicas`` and ``primaryScalerQueries``; None: as the target's.

    ``floor``: replicas that a promotion or a rollback needs now, whatever the minimum is.
    """

    least: int | None = None
    most: int | None = None
    queries: Mapping[str, str] | None = None
    floor: int = 0


def least(kind: AutoscalerKind, scaler: Obj) -> int:
    """Replicas with which a target starts from zero: the minimum, at least 1."""
    return max(1, int(scaler["spec"].get(kind.least) or 0))


def most(kind: AutoscalerKind, scaler: Obj, overrides: Overrides) -> int | None:
    """The primary's maximum; None where there is none (KEDA has a default of its own)."""
    found = overrides.most if overrides.most is not None else scaler["spec"].get(kind.most)
    return None if found is None else int(found)


def other_target(kind: AutoscalerKind, scaler: Obj, target_kind: str) -> str:
    """Why this autoscaler can't be the target's: it scales another kind. Empty if it can."""
    scaled = (scaler["spec"].get("scaleTargetRef") or {}).get("kind") or "Deployment"
    if scaled == target_kind:
        return ""
    meta = scaler["metadata"]
    return (
        f"{kind.name} {meta['name']}.{meta['namespace']} scales a {scaled}, "
        f"the target is a {target_kind}"
    )


def primary_autoscaler(
    kind: AutoscalerKind, source: Obj, target: str, owner: Obj, overrides: Overrides
) -> dict[str, Any]:
    """Manifest of the primary's autoscaler; fields that nobody here knows come along."""
    meta, spec = source["metadata"], thaw(source["spec"])
    spec["scaleTargetRef"]["name"] = f"{target}-primary"
    for field, value in ((kind.least, overrides.least), (kind.most, overrides.most)):
        if value is not None:
            spec[field] = value
    if overrides.floor > int(spec.get(kind.least) or 0):
        spec[kind.least] = overrides.floor
    if kind is SCALED_OBJECT:
        _rewrite_triggers(spec, target, overrides.queries)
        # Both are there in Flagger's copies too, which then are no difference at a takeover.
        advanced = spec["advanced"] = spec.get("advanced") or {}
        nested = advanced.get("horizontalPodAutoscalerConfig") or {}
        advanced["horizontalPodAutoscalerConfig"] = nested
        if nested.get("name"):
            nested["name"] = f"{nested['name']}-primary"
    kept = {field: _kept(meta.get(field)) for field in kind.copied}
    return {
        "apiVersion": kind.api_version,
        "kind": kind.name,
        "metadata": {
            "name": f"{meta['name']}-primary",
            "namespace": meta["namespace"],
            **{field: values for field, values in kept.items() if values},
            "ownerReferences": [owner],
        },
        "spec": spec,
    }


def _kept(values: Mapping[str, str] | None) -> dict[str, str]:
    return {k: v for k, v in portable(values).items() if not k.startswith(_PAUSES)}


def _rewrite_triggers(
    spec: Mapping[str, Any], target: str, queries: Mapping[str, str] | None
) -> None:
    """Queries of the primary's triggers: those that are given, else for its names."""
    for trigger in spec.get("triggers") or ():
        metadata = trigger.get("metadata") or {}
        if "query" not in metadata:
            continue
        if queries is None:
            metadata["query"] = _for_primary(str(metadata["query"]), target)
        elif trigger.get("name") in queries:
            metadata["query"] = queries[trigger["name"]]


def _for_primary(query: str, target: str) -> str:
    parts = query.split(f"{target}-canary")
    return f"{target}-primary".join(part.replace(target, f"{target}-primary") for part in parts)


def autoscaler_patch(live: Obj, manifest: Obj) -> list[dict[str, Any]]:
    """JSON Patch that gives the live primary's autoscaler the spec of ``manifest``; what others
    added to its metadata stays (D31). Empty when nothing differs."""
    operations: list[dict[str, Any]] = []
    meta, wanted = live["metadata"], manifest["metadata"]
    for field in ("labels", "annotations"):
        have = meta.get(field) or {}
        missing = {k: v for k, v in (wanted.get(field) or {}).items() if have.get(k) != v}
        if missing:
            value = {**have, **missing}
            operations.append({"op": "add", "path": f"/metadata/{field}", "value": value})
    owner, owners = wanted["ownerReferences"][0], list(meta.get("ownerReferences") or ())
    if not any(reference.get("uid") == owner["uid"] for reference in owners):
        all_owners = [*_without_control(owners), owner]
        path = "/metadata/ownerReferences"
        operations.append({"op": "add", "path": path, "value": all_owners})
    if pruned(live["spec"]) != pruned(manifest["spec"]):
        operations.append({"op": "replace", "path": "/spec", "value": manifest["spec"]})
    return operations


def floor_patch(kind: AutoscalerKind, live: Obj, floor: int) -> list[dict[str, Any]]:
    """JSON Patch that raises the minimum to ``floor`` and leaves all else; empty if it is met."""
    if int(live["spec"].get(kind.least) or 0) >= floor:
        return []
    return [{"op": "add", "path": f"/spec/{kind.least}", "value": floor}]


def _without_control(owners: Sequence[Obj]) -> list[dict[str, Any]]:
    return [{**reference, "controller": False} for reference in owners]


def pause(scaler: Obj) -> list[dict[str, Any]]:
    """JSON Patch that keeps the target at zero; empty when it is kept there already."""
    annotations = scaler["metadata"].get("annotations") or {}
    if annotations.get(PAUSED) == "0":
        return []
    value = {**annotations, PAUSED: "0"}
    return [{"op": "add", "path": "/metadata/annotations", "value": value}]


def resume(scaler: Obj) -> list[dict[str, Any]]:
    """JSON Patch that lets it scale the target again; a pause at another size is a user's."""
    if (scaler["metadata"].get("annotations") or {}).get(PAUSED) != "0":
        return []
    return [{"op": "remove", "path": f"/metadata/annotations/{PAUSED.replace('/', '~1')}"}]
