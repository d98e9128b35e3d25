"""Other targets and autoscalers that Flagger left at rest: nothing of them is touched."""

from __future__ import annotations

from typing import Any

import pytest

from canary import virtualtime
from canary.kube.resources import CANARIES, Key
from canary.sandbox.storage import Storage
from tests.rig.manifests import autoscaled, daemon_setting, service_setting
from tests.rig.stage import Stage

LEFT = {
    "DaemonSet": daemon_setting(),
    "Service": service_setting(),
    "HorizontalPodAutoscaler": autoscaled(),
    "ScaledObject": autoscaled("ScaledObject"),
}
KINDS = ("daemonsets", "deployments", "services", "horizontalpodautoscalers", "scaledobjects")


def versions(storage: Storage) -> dict[str, str]:
    """Of everything that serves, or scales what serves."""
    return {
        f"{resource.plural}/{key.name}": obj["metadata"]["resourceVersion"]
        for resource in storage.resources()
        if resource.plural in KINDS
        for key, obj in storage.all(resource)
        if key.namespace == "test"
    }


def without_ours(stage: Stage) -> None:
    """The status as Flagger would have left it: hashes of its own, no record of ours."""
    storage, key = stage.cluster.server.storage, Key("test", "podinfo")
    obj = storage.get(CANARIES, key)
    status: dict[str, Any] = {k: v for k, v in obj["status"].items() if k != "engine"}
    status |= {"lastAppliedSpec": "5978589476", "lastPromotedSpec": "5978589476"}
    storage.put(CANARIES, key, {**obj, "status": status})


@pytest.mark.parametrize("kind", LEFT)
def test_what_is_at_rest_stays_so(kind: str) -> None:
    async def play() -> None:
        stage = Stage()
        try:
            await stage.up()
            await stage.keda()
            await stage.apply(*LEFT[kind])
            stage.start()
            await stage.until(lambda: stage.phase() == "Initialized")
            await stage.rest(60)
            await stage.stop()
            without_ours(stage)
            before, told = versions(stage.cluster.server.storage), stage.events()
            stage.start()
            await stage.rest(120)
            assert stage.phase() == "Initialized"
            assert "engine" in stage.status()
            assert versions(stage.cluster.server.storage) == before
            assert stage.events() == told
        finally:
            await stage.down()

    virtualtime.run(play())
