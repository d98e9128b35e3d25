"""What the canary Ingress has of the user's: rules, labels and annotations (D29, D30)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from providers.interface import Object
from providers.names import clone

_BOOKKEEPING = (
    "kubectl.kubernetes.io/",
    "kustomize.toolkit.fluxcd.io/",
    "helm.toolkit.fluxcd.io/",
    "argocd.argoproj.io/",
    "meta.helm.sh/",
)
"""Prefixes of keys by which tools know their own objects: a copy isn't one of them."""

_TRACKING_LABEL = "app.kubernetes.io/instance"
"""By this label Argo CD knows its objects, and removes those that aren't in Git."""


def reaches(ingress: Object, apex: str) -> bool:
    """Whether a path of ``ingress`` leads to the Service ``apex``."""
    return any(_service(path).get("name") == apex for _, path in _paths(ingress))


def rules(ingress: Object, apex: str) -> list[dict[str, Any]]:
    """The paths that lead to ``apex``, leading to its canary instead; no others.

    Those of a canary Ingress are taken as they are.
    """
    kept: dict[int, list[dict[str, Any]]] = {}
    for index, path in _paths(ingress):
        service = _service(path)
        if service.get("name") in (apex, f"{apex}-canary"):
            taken = clone(path)
            taken["backend"]["service"]["name"] = f"{apex}-canary"
            kept.setdefault(index, []).append(taken)
    return [
        {**_host(ingress["spec"]["rules"][index]), "http": {"paths": paths}}
        for index, paths in kept.items()
    ]


def _host(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {"host": rule["host"]} if rule.get("host") else {}


def _paths(ingress: Object) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Each path with the number of its rule; a rule without ``http`` has none (D42)."""
    for index, rule in enumerate(ingress["spec"].get("rules") or ()):
        for path in (rule.get("http") or {}).get("paths") or ():
            yield index, path


def _service(path: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (path.get("backend") or {}).get("service") or {}
    return found


def copied(ingress: Object, prefix: str) -> dict[str, Any]:
    """Labels and annotations that the canary Ingress follows: those of the user's, without what
    tools write to know their objects, and without canary annotations of its own."""
    meta = ingress["metadata"]
    labels = {
        key: value
        for key, value in (meta.get("labels") or {}).items()
        if not key.startswith(_BOOKKEEPING) and key != _TRACKING_LABEL
    }
    annotations = {
        key: value
        for key, value in (meta.get("annotations") or {}).items()
        if not key.startswith((*_BOOKKEEPING, f"{prefix}/canary"))
    }
    return {"annotations": annotations, **({"labels": labels} if labels else {})}
