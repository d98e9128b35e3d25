"""The provider and the routes of a Canary as they are looked up."""

from __future__ import annotations

from typing import Any

from gathered import Look, looks
from test_schemas import GATEWAY, MIRRORED, old_crds

from canary.api.canary import parse
from canary.controller.gather import effective_provider
from canary.controller.scene import traffic
from canary.controller.settings import Settings
from canary.kube.resources import CANARIES, CRDS
from canary.rollout.observed import Absent, Unknown
from canary.rollout.plan import Traffic
from providers.gatewayapi import PERCENT
from tests.fields.scenes import VIRTUAL_SERVICES
from tests.rig.manifests import setting


def test_a_canary_may_name_its_provider() -> None:
    settings = Settings(mesh_provider="nginx")
    canary = setting()[-1]
    assert effective_provider(parse(canary), settings) == "istio"
    del canary["spec"]["provider"]
    assert effective_provider(parse(canary), settings) == "nginx"


def test_a_provider_that_nobody_knows_is_taken_for_one_that_weights() -> None:
    assert traffic(None, setting()[-1]) == Traffic()


@looks()
async def test_a_provider_that_this_engine_lacks_has_no_routes(look: Look) -> None:
    scene = await look.sees(*setting({"provider": "contour"}))
    assert (scene.provider, scene.route_gap, dict(scene.routes)) == (None, None, {})


@looks()
async def test_routes_that_are_there_are_seen(look: Look) -> None:
    route: dict[str, Any] = {
        "apiVersion": "networking.istio.io/v1beta1",
        "kind": "VirtualService",
        "metadata": {"name": "podinfo", "namespace": "test"},
        "spec": {"hosts": ["podinfo"]},
    }
    scene = await look.sees(*setting(), route)
    assert [(kind.kind, name) for kind, name in scene.routes] == [("VirtualService", "podinfo")]
    look.caches.store(VIRTUAL_SERVICES, "test").lost("away", served=True)
    scene = look.scene()
    assert (scene.route_gap, dict(scene.routes)) == (Unknown("away"), {})


@looks()
async def test_routes_of_a_kind_that_is_not_installed_are_absent(look: Look) -> None:
    scene = await look.sees(*setting(), crds=False)
    assert isinstance(scene.route_gap, Absent)
    assert "is not served by this cluster" in scene.route_gap.why
    assert scene.route_gap.why.endswith("install its CRDs")


@looks()
async def test_no_route_is_written_while_nobody_knows_which_fields_it_may_have(look: Look) -> None:
    await look.stage.up(crds=False)
    for crd in old_crds():
        await look.client.create(CRDS, crd)
    await look.stage.apply(*setting(GATEWAY))
    scene = await look.later()
    assert (scene.route_gap, scene.lacking) == (None, ())
    await look.stage.patch(CANARIES, "podinfo", {"spec": {"analysis": MIRRORED}})
    scene = look.scene()
    assert scene.route_gap == Unknown("the schema of HTTPRoute is being read")
    assert scene.lacking == ()
    scene = await look.later()
    assert scene.route_gap is None
    assert [one.path for one in scene.lacking] == [PERCENT]
