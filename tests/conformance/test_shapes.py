"""The engine sends nothing for which there is no case."""

from __future__ import annotations

from typing import Any

import pytest

from canary import virtualtime
from canary.kube.resources import DAEMON_SETS, DEPLOYMENTS, SERVICES, Resource
from tests.conformance.shapes import covered, uncovered
from tests.rig.manifests import autoscaled, daemon_setting, service_setting, setting
from tests.rig.stage import Stage


async def _rollout(provider: str, gateway: bool) -> set[tuple[str, ...]]:
    stage = Stage(gateway=gateway)
    try:
        await stage.up()
        stage.start()
        spec = {"provider": provider}
        if gateway:
            spec["service"] = {"port": 9898, "gatewayRefs": [{"name": "gw", "namespace": "test"}]}
        await stage.apply(*setting(spec))
        await stage.until(lambda: stage.phase() == "Initialized")
        await stage.set_image("podinfo:2.0.0")
        await stage.until(lambda: stage.phase() == "Succeeded")
        return uncovered(stage.cluster.server.audit)
    finally:
        await stage.down()


def _of_kind(manifests: list[dict[str, Any]], resource: Resource) -> set[tuple[str, ...]]:
    async def rollout() -> set[tuple[str, ...]]:
        stage = Stage()
        try:
            await stage.up()
            await stage.keda()
            stage.start()
            await stage.apply(*manifests)
            await stage.until(lambda: stage.phase() == "Initialized")
            change = {"selector": {"version": "2.0.0"}}
            if resource != SERVICES:
                change = {"template": {"metadata": {"annotations": {"a": "b"}}}}
            await stage.patch(resource, "podinfo", {"spec": change})
            await stage.until(lambda: stage.phase() == "Succeeded")
            return uncovered(stage.cluster.server.audit)
        finally:
            await stage.down()

    return virtualtime.run(rollout())


@pytest.mark.parametrize(
    ("manifests", "resource"),
    [
        (daemon_setting(), DAEMON_SETS),
        (service_setting(), SERVICES),
        (autoscaled(), DEPLOYMENTS),
        (autoscaled("ScaledObject"), DEPLOYMENTS),
    ],
    ids=["DaemonSet", "Service", "HorizontalPodAutoscaler", "ScaledObject"],
)
def test_every_request_of_other_workloads_has_a_case(
    manifests: list[dict[str, Any]], resource: Resource
) -> None:
    covered()
    assert _of_kind(manifests, resource) == set()


@pytest.mark.parametrize(("provider", "gateway"), [("istio", False), ("gatewayapi:v1", True)])
def test_every_request_of_a_rollout_has_a_case(provider: str, gateway: bool) -> None:
    covered()
    assert virtualtime.run(_rollout(provider, gateway)) == set()
