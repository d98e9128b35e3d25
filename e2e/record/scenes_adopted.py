"""A Service that users had before there was a Canary, and what is left of it afterwards."""

from __future__ import annotations

from e2e.record.manifests import delete, image, setting
from e2e.record.scenario import Obj, record
from e2e.replay import NAME

NEW = image("6.0.1")
REVERT = {"spec": {"revertOnDeletion": True}}
GONE = {"ends": {"gone": True}}
_META = {"name": NAME, "labels": {"owner": "users"}, "annotations": {"note": "users"}}


def service() -> Obj:
    """The Service in front of the target."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _META,
        "spec": {
            "selector": {"app": NAME},
            "ports": [{"name": "web", "port": 80, "targetPort": 9898}],
        },
    }


record("k8s-adopted", setting("kubernetes", service(), iterations=1), NEW)
record(
    "k8s-adopted-delete",
    setting("kubernetes", service(), **REVERT, iterations=1),
    delete(),
    **GONE,
)
