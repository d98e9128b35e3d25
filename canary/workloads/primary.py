"""The primary workload: a copy of the target under names and labels of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from canary.workloads.configs import ConfigRef, rewrite
from canary.workloads.labels import SelectorLabel, included, without_flux
from canary.workloads.objects import Obj, pruned, thaw
from canary.workloads.revision import FLAGGER_ID
from canary.workloads.targets import TargetKind


def primary_template(
    template: Obj,
    *,
    label: SelectorLabel,
    target_name: str,
    tracked: Collection[ConfigRef],
    flagger_id: str,
    selector_labels: Sequence[str] = ("app", "name", "app.kubernetes.io/name"),
) -> dict[str, Any]:
    """The target's pod template as the primary runs it (lifecycle 2.3 and 2.5)."""
    rewritten = rewrite(template, tracked)
    meta = rewritten.get("metadata") or {}
    annotations = without_flux(meta.get("annotations"))
    annotations.pop(FLAGGER_ID, None)
    if flagger_id:
        annotations[FLAGGER_ID] = flagger_id
    rewritten["metadata"] = {
        "labels": without_flux(meta.get("labels")) | {label.key: label.primary},
        "annotations": annotations,
    }
    if not annotations:
        del rewritten["metadata"]["annotations"]
    for selector in _own_selectors(rewritten["spec"]):
        _rename(selector, target_name, selector_labels)
    return rewritten


def _own_selectors(spec: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Selectors by which pods find their own kind: spreading and anti-affinity."""
    for constraint in spec.get("topologySpreadConstraints") or ():
        if constraint.get("labelSelector"):
            yield constraint["labelSelector"]
    anti = (spec.get("affinity") or {}).get("podAntiAffinity") or {}
    for term in anti.get("requiredDuringSchedulingIgnoredDuringExecution") or ():
        if term.get("labelSelector"):
            yield term["labelSelector"]
    for term in anti.get("preferredDuringSchedulingIgnoredDuringExecution") or ():
        selector = (term.get("podAffinityTerm") or {}).get("labelSelector")
        if selector:
            yield selector


def _rename(selector: dict[str, Any], name: str, keys: Sequence[str]) -> None:
    for key in keys:
        if (selector.get("matchLabels") or {}).get(key) == name:
            selector["matchLabels"][key] = f"{name}-primary"
    for expression in selector.get("matchExpressions") or ():
        values = expression.get("values") or []
        if expression.get("key") in keys and name in values:
            values[values.index(name)] = f"{name}-primary"


def primary_workload(
    kind: TargetKind,
    target: Obj,
    template: Obj,
    *,
    label: SelectorLabel,
    owner: Obj,
    prefixes: Sequence[str],
    replicas: int | None,
) -> dict[str, Any]:
    """Manifest for the creation of the primary with its already rewritten ``template``.

    Labels and annotations pass the same filter as at a promotion (D32). ``replicas`` is None for
    kinds that have none.
    """
    meta, spec = target["metadata"], target["spec"]
    own: dict[str, Any] = {
        "name": f"{meta['name']}-primary",
        "namespace": meta["namespace"],
        "labels": included(meta.get("labels"), prefixes) | {label.key: label.primary},
        "ownerReferences": [owner],
    }
    annotations = included(meta.get("annotations"), prefixes)
    if annotations:
        own["annotations"] = annotations
    return {
        "apiVersion": "apps/v1",
        "kind": kind.name,
        "metadata": own,
        "spec": {
            **{field: thaw(spec[field]) for field in kind.copied if field in spec},
            **({} if replicas is None else {"replicas": replicas}),
            "selector": {"matchLabels": {label.key: label.primary}},
            "template": template,
        },
    }


def promotion_patch(
    kind: TargetKind, live: Obj, target: Obj | None, template: Obj
) -> list[dict[str, Any]]:
    """JSON Patch that gives the live primary ``template`` as a whole.

    With ``target`` (a promotion) also the settings that follow it; without (drift) only the
    template.
    """
    operations: list[dict[str, Any]] = [
        {"op": "replace", "path": "/spec/template", "value": template}
    ]
    if target is None:
        return operations
    for field in kind.copied:
        value = target["spec"].get(field)
        if value is not None and pruned(live["spec"].get(field)) != pruned(value):
            operations.append({"op": "add", "path": f"/spec/{field}", "value": thaw(value)})
    return operations


def metadata_patch(live: Obj, meta: Obj, prefixes: Sequence[str]) -> list[dict[str, Any]]:
    """JSON Patch that brings the labels and annotations of the live primary up to those of the
    target's metadata ``meta`` that ``prefixes`` let over; what others put there stays."""
    operations: list[dict[str, Any]] = []
    for field in ("labels", "annotations"):
        have = live["metadata"].get(field) or {}
        own = live["spec"]["selector"]["matchLabels"] if field == "labels" else {}
        wanted = included(meta.get(field), prefixes) | own
        if any(have.get(key) != value for key, value in wanted.items()):
            path = f"/metadata/{field}"
            operations.append({"op": "add", "path": path, "value": {**have, **wanted}})
    return operations


def template_drift(live: Obj, template: Obj, *, run: str = "") -> tuple[str, ...]:
    """Paths in which the live primary's pod template differs from ``template``.

    The ``flagger-id`` only counts when ``run`` is given: then it must be that. Empty parts equal
    absent ones.
    """
    have, want = thaw(live["spec"]["template"]), thaw(template)
    marks = []
    for side in (have, want):
        annotations = (side.get("metadata") or {}).get("annotations") or {}
        marks.append(annotations.pop(FLAGGER_ID, ""))
        (side.get("metadata") or {}).pop("creationTimestamp", None)
    paths = tuple(_differences(pruned(have), pruned(want), "spec.template"))
    if run and marks[0] != run:
        return (*paths, f"spec.template.metadata.annotations.{FLAGGER_ID}")
    return paths


def _differences(have: Any, want: Any, path: str) -> Iterator[str]:
    if isinstance(have, Mapping) and isinstance(want, Mapping):
        for key in sorted({*have, *want}):
            yield from _differences(have.get(key), want.get(key), f"{path}.{key}")
    elif isinstance(have, list) and isinstance(want, list) and len(have) == len(want):
        for index, (one, two) in enumerate(zip(have, want, strict=True)):
            yield from _differences(one, two, f"{path}[{index}]")
    elif have != want:
        yield path
