"""A cluster as Flagger left it: a status of its own, a primary, a route."""

from __future__ import annotations

import json
from typing import Any

from people import canary

from canary.kube.resources import CANARIES, Key
from tests.rig.manifests import setting
from tests.rig.stage import Stage


def store_status(stage: Stage, status: dict[str, Any], name: str = "podinfo") -> None:
    """The status of a Canary as another controller than ours wrote it."""
    cluster, key = stage.cluster, Key("test", name)
    kind = cluster.server.kind_of("flagger.app", "v1beta1", "canaries")
    obj = cluster.server.storage.get(CANARIES, key)
    cluster.server.writer.update(
        kind, key, {**obj, "status": status}, "flagger", subresource="status"
    )


def flagger_status(phase: str, weight: int = 0, stamp: str = "2026-01-01T00:00:00Z", **more: Any):
    """A status as Flagger writes it (api.md section 5)."""
    message = {
        "Progressing": "New revision detected, progressing canary analysis.",
        "Succeeded": "Canary analysis completed successfully, promotion finished.",
        "Failed": "Canary analysis failed, Deployment scaled to zero.",
    }.get(phase, "Waiting for approval.")
    condition = {"type": "Promoted", "status": "Unknown", "reason": phase, "message": message}
    return {
        "phase": phase,
        "canaryWeight": weight,
        "failedChecks": 0,
        "iterations": 0,
        "lastAppliedSpec": "697fdc8b9d",
        "lastTransitionTime": stamp,
        "conditions": [condition],
        **more,
    }


def route(primary: int, canary: int) -> dict[str, Any]:
    """Flagger's VirtualService with a split (providers.md 3)."""
    backends = [
        {"destination": {"host": f"podinfo-{side}"}, "weight": weight}
        for side, weight in (("primary", primary), ("canary", canary))
    ]
    return {
        "apiVersion": "networking.istio.io/v1beta1",
        "kind": "VirtualService",
        "metadata": {"name": "podinfo", "namespace": "test"},
        "spec": {"hosts": ["podinfo"], "http": [{"route": backends}]},
    }


async def under_flagger(stage: Stage, status: dict[str, Any], **parts: Any) -> None:
    """A cluster where Flagger runs the Canary of the setting; no engine of ours."""
    await stage.up()
    await stage.apply(*setting(**parts))
    primary = setting(**parts)[2]
    primary["metadata"]["name"] = "podinfo-primary"
    labels = {"app": "podinfo-primary"}
    primary["spec"]["selector"] = {"matchLabels": labels}
    primary["spec"]["template"]["metadata"]["labels"] = labels
    await stage.apply(primary)
    store_status(stage, status)
    await stage.rest(1)


async def foretold(stage: Stage, line: str) -> dict[str, Any]:
    """What the check says of the only Canary, as data."""
    said = await canary(stage, f"takeover --check {line} -o json")
    assert said.code in (0, 4), said.error
    (found,) = json.loads(said.out)["canaries"]
    assert said.code == (4 if found["takeover"] in ("refused", "held") else 0)
    return found
