"""Kubernetes objects to begin with, and those that Flagger 1.44 was recorded with."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from canary.workloads.labels import SelectorLabel

Obj = dict[str, Any]

LABEL = SelectorLabel("app", "podinfo")
CANARY: Obj = {
    "apiVersion": "flagger.app/v1beta1",
    "kind": "Canary",
    "metadata": {"name": "podinfo", "namespace": "test", "uid": "canary-uid"},
}
# lifecycle.md 2.1: owner reference on everything created
OWNER: Obj = {
    "apiVersion": "flagger.app/v1beta1",
    "kind": "Canary",
    "name": "podinfo",
    "uid": "canary-uid",
    "controller": True,
    "blockOwnerDeletion": True,
}
# api.md 11
FLUX = {
    "kustomize.toolkit.fluxcd.io/reconcile": "disabled",
    "helm.toolkit.fluxcd.io/driftDetection": "disabled",
}

_TEMPLATE: Obj = {
    "metadata": {"labels": {"app": "podinfo"}},
    "spec": {"containers": [{"name": "podinfo", "image": "podinfo:1.0.0"}]},
}

_RECORDINGS = Path(__file__).parents[1] / "transcripts" / "data" / "recordings"


def template(**spec: Any) -> Obj:
    """A pod template with these fields in its spec."""
    found = copy.deepcopy(_TEMPLATE)
    found["spec"] |= copy.deepcopy(spec)
    return found


def container(**fields: Any) -> Obj:
    """A container with these fields."""
    return {"name": "podinfo", "image": "podinfo:1.0.0", **fields}


def deployment(pods: Obj | None = None, **spec: Any) -> Obj:
    """A target Deployment."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "podinfo", "namespace": "test", "generation": 4},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "podinfo"}},
            "template": pods or template(),
            **spec,
        },
    }


def recorded(scenario: str, *, final: bool = False) -> dict[str, Obj]:
    """Objects of a recording by ``Kind/name``, after initialisation or at the end."""
    found = json.loads((_RECORDINGS / f"{scenario}.json").read_text())
    objects: dict[str, Obj] = found["objectsFinal" if final else "objectsInitialized"]
    return objects
