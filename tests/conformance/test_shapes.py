"""The engine sends nothing for which there is no case."""

from __future__ import annotations

import pytest

from canary import virtualtime
from tests.conformance.shapes import covered, uncovered
from tests.rig.manifests import setting
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


@pytest.mark.parametrize(("provider", "gateway"), [("istio", False), ("gatewayapi:v1", True)])
def test_every_request_of_a_rollout_has_a_case(provider: str, gateway: bool) -> None:
    covered()
    assert virtualtime.run(_rollout(provider, gateway)) == set()
