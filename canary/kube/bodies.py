"""Bodies of requests that are no object of their own, with their preconditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from canary.kube.errors import Invalid


def scale_of(
    namespace: str, name: str, replicas: int, precondition: Mapping[str, str]
) -> dict[str, Any]:
    """The Scale that asks a workload for ``replicas``."""
    return {
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": {"name": name, "namespace": namespace, **precondition},
        "spec": {"replicas": replicas},
    }


def background_deletion(precondition: Mapping[str, str]) -> dict[str, Any]:
    """Options of a deletion whose dependents go in the background."""
    return {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": dict(precondition),
        "propagationPolicy": "Background",
    }


def guarded(
    operations: Sequence[Mapping[str, Any]], *, uid: str, resource_version: str
) -> list[Mapping[str, Any]]:
    """A JSON Patch that applies to the object with this uid at this version only."""
    return [
        {"op": "test", "path": "/metadata/uid", "value": uid},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": resource_version},
        *operations,
    ]


def names_fields(error: Invalid) -> bool:
    """Whether an object was refused by validation, rather than the patch not applying."""
    return " is invalid: " in error.message
