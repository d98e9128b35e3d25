"""A cluster that isn't as a Canary needs it."""

from __future__ import annotations

import pytest

from canary.kube.resources import (
    CANARIES,
    CONFIG_MAPS,
    CRDS,
    DEPLOYMENTS,
    SECRETS,
    SERVICES,
)
from canary.sandbox.cluster import routing_crds
from tests.badinput.test_specs import condition, uid, warned
from tests.rig.manifests import setting
from tests.rig.routes import VIRTUAL_SERVICES, shares
from tests.rig.staged import staged
from tests.rig.workloads import image
from tests.transcripts.script import Script


@staged()
async def test_target_missing(script: Script) -> None:
    """S70, first row: its text, once, and nothing created."""
    stage = script.stage
    await stage.up()
    config, secret, deployment, canary = setting()
    await stage.apply(config, secret, canary)
    stage.start()
    await stage.rest(200)
    text = 'deployment podinfo.test get query error: deployments.apps "podinfo" not found'
    assert stage.events() == [("Warning", text)]
    assert condition(script)["reason"] == "TargetMissing"
    assert stage.get(SERVICES, "podinfo-canary") is None
    await stage.apply(deployment)
    await script.reaches("Initialized")
    assert condition(script) == {}


@staged()
async def test_unusable_selector(script: Script) -> None:
    """S70, second row."""
    stage = script.stage
    await stage.up()
    config, secret, deployment, canary = setting()
    labels = {"tier": "web"}
    deployment["spec"]["selector"] = {"matchLabels": labels}
    deployment["spec"]["template"]["metadata"]["labels"] = labels
    await stage.apply(config, secret, deployment, canary)
    stage.start()
    await stage.rest(100)
    text = (
        "getSelectorLabel failed: deployment podinfo.test spec.selector.matchLabels must contain "
        "one of [app name app.kubernetes.io/name]"
    )
    assert stage.events() == [("Warning", text)]
    await stage.user.delete(
        DEPLOYMENTS, "test", "podinfo", uid=stage.get(DEPLOYMENTS, "podinfo")["metadata"]["uid"]
    )
    await stage.apply(setting()[2])
    await script.reaches("Initialized")


@staged()
async def test_referenced_config_missing(script: Script) -> None:
    """S70, third row; with the ConfigMap everything goes on."""
    stage = script.stage
    await stage.up()
    config, secret, deployment, canary = setting()
    await stage.apply(secret, deployment, canary)
    stage.start()
    await stage.rest(100)
    text = (
        "createPrimaryDeployment failed: GetTargetConfigs failed: configmap podinfo-config.test "
        "get query error: configmap podinfo-config.test get query error: "
        'configmaps "podinfo-config" not found'
    )
    assert ("Warning", text) in stage.events()
    assert stage.get(DEPLOYMENTS, "podinfo-primary") is None
    await stage.apply(config)
    await script.reaches("Initialized")


@staged()
async def test_gateway_refs_missing(script: Script) -> None:
    """S70: the text; unlike there, the target keeps serving (D22)."""
    stage = script.stage
    await stage.up()
    await stage.apply(*setting(spec={"provider": "gatewayapi:v1"}))
    stage.start()
    await stage.rest(100)
    text = "GatewayRefs must be specified when using Gateway API as a provider."
    assert warned(script, text)
    assert stage.get(DEPLOYMENTS, "podinfo")["spec"]["replicas"] == 2
    await script.spec(service={"port": 9898, "gatewayRefs": [{"name": "gw"}]})
    await script.reaches("Initialized")


@staged()
async def test_suspended_from_the_start(script: Script) -> None:
    """S70: said once, nothing created."""
    stage = script.stage
    await stage.up()
    await stage.apply(*setting(spec={"suspend": True}))
    stage.start()
    await stage.rest(300)
    assert stage.events() == [("Normal", "skipping canary run as object is suspended")]
    assert stage.get(DEPLOYMENTS, "podinfo-primary") is None
    await script.spec(suspend=False)
    await script.reaches("Initialized")


@staged()
async def test_prometheus_down_does_not_block_initialization(script: Script) -> None:
    """S70, last row."""
    script.stage.prometheus.offline = (
        "running query failed: error response: Status 503 Service Unavailable: "
    )
    await script.initialized()
    text = (
        "Error checking metric providers: prometheus not avaiable: running query failed: "
        "error response: Status 503 Service Unavailable: "
    )
    assert ("Warning", text) in script.stage.events()


@staged()
async def test_route_crd_missing_and_installed_later(script: Script) -> None:
    stage = script.stage
    await stage.up(crds=False)
    await stage.apply(*setting())
    stage.start()
    await stage.rest(100)
    assert warned(script, "destinationrules.networking.istio.io", "install")
    assert condition(script)["reason"] == "RouteKindMissing"
    assert stage.get(DEPLOYMENTS, "podinfo")["spec"]["replicas"] == 2
    for crd in routing_crds():
        await stage.user.create(CRDS, crd)
    await script.reaches("Initialized")


@staged()
async def test_route_crd_removed_in_mid_rollout(script: Script) -> None:
    stage = script.stage
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    name = "virtualservices.networking.istio.io"
    crd = stage.cluster.get(CRDS, "", name)
    await stage.user.delete(CRDS, None, name, uid=crd["metadata"]["uid"])
    await stage.rest(400)
    assert stage.phase() == "Progressing"
    assert stage.status()["canaryWeight"] == 20
    assert warned(script, "virtualservices.networking.istio.io")
    await stage.user.create(CRDS, next(c for c in routing_crds() if c["metadata"]["name"] == name))
    await script.reaches("Succeeded")


@staged()
async def test_canary_deleted_in_mid_rollout(script: Script) -> None:
    """S75 and D36: what it owned goes, what becomes of the target is said."""
    stage = script.stage
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    await stage.user.delete(CANARIES, "test", "podinfo", uid=uid(script, "podinfo"))
    await stage.rest(30)
    for resource, name in (
        (DEPLOYMENTS, "podinfo-primary"),
        (SERVICES, "podinfo"),
        (VIRTUAL_SERVICES, "podinfo"),
        (CONFIG_MAPS, "podinfo-config-primary"),
        (SECRETS, "podinfo-secret-primary"),
    ):
        assert stage.get(resource, name) is None, name
    assert stage.get(DEPLOYMENTS, "podinfo")["spec"]["replicas"] == 2
    assert warned(script, "Canary podinfo.test was deleted in phase Progressing", "podinfo-primary")
    writes = len([e for e in stage.cluster.server.audit if e.writes and e.user == "canary-engine"])
    await stage.rest(300)
    later = [e for e in stage.cluster.server.audit if e.writes and e.user == "canary-engine"]
    assert len(later) == writes


@staged()
async def test_primary_deleted_while_idle_comes_back_as_promoted(script: Script) -> None:
    """S40 and D21: from the promoted revision, in the size that it had."""
    stage = script.stage
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Succeeded")
    await stage.rest(30)
    await script.spec(suspend=True)
    await script.image("3.0.0")
    await stage.delete(DEPLOYMENTS, "podinfo-primary")
    await stage.rest(5)
    assert stage.get(DEPLOYMENTS, "podinfo-primary") is None
    await script.spec(suspend=False)
    await stage.until(lambda: stage.get(DEPLOYMENTS, "podinfo-primary") is not None)
    primary = stage.get(DEPLOYMENTS, "podinfo-primary")
    assert image(primary) == "podinfo:2.0.0"
    assert primary["spec"]["replicas"] == 2


@staged()
async def test_primary_edited_by_hand_is_put_right(script: Script) -> None:
    stage = script.stage
    await script.initialized()
    await stage.set_image("podinfo:hand-made", "podinfo-primary")
    await stage.rest(10)
    assert image(stage.get(DEPLOYMENTS, "podinfo-primary")) == "podinfo:1.0.0"
    assert warned(script, "Deployment podinfo-primary.test was changed by kubectl")


@pytest.mark.parametrize("how", ["deleted", "edited"])
def test_route_by_hand_in_mid_rollout(how: str) -> None:
    @staged()
    async def play(script: Script) -> None:
        stage = script.stage
        await script.initialized()
        await script.image("2.0.0")
        await script.reaches("Progressing", 20)
        if how == "edited":
            await stage.route_weights(0, 100)
        else:
            await stage.delete(VIRTUAL_SERVICES, "podinfo")
        await stage.rest(5)
        assert shares(stage.get(VIRTUAL_SERVICES, "podinfo")) == (80, 20)
        await script.reaches("Succeeded")
        assert warned(script, f"VirtualService podinfo.test was {how.replace('edited', 'changed')}")

    play()


@staged()
async def test_service_deleted_by_hand_comes_back(script: Script) -> None:
    stage = script.stage
    await script.initialized()
    await stage.delete(SERVICES, "podinfo")
    await stage.rest(5)
    selector = stage.get(SERVICES, "podinfo")["spec"]["selector"]
    assert selector == {"app": "podinfo-primary"}


@staged()
async def test_a_contest_is_named_and_bounded(script: Script) -> None:
    """Somebody who changes the route back each time is named, and not fought without end."""
    stage = script.stage
    await script.initialized()
    for _ in range(60):
        await stage.route_weights(90, 10)
        await stage.rest(2)
    writes = [
        e
        for e in stage.cluster.server.audit
        if e.user == "canary-engine" and e.method == "PATCH" and "virtualservices" in e.path
    ]
    assert len(writes) < 15
    assert condition(script)["reason"] == "DriftContested"
    await stage.rest(120)
    assert shares(stage.get(VIRTUAL_SERVICES, "podinfo")) == (100, 0)


@staged()
async def test_a_lost_copy_is_rebuilt_from_the_promoted_data_only(script: Script) -> None:
    stage = script.stage
    await script.initialized()
    await stage.delete(CONFIG_MAPS, "podinfo-config-primary")
    await stage.rest(5)
    assert stage.get(CONFIG_MAPS, "podinfo-config-primary")["data"] == {"color": "blue"}
    await script.spec(suspend=True)
    await script.config(color="red")
    await stage.delete(CONFIG_MAPS, "podinfo-config-primary")
    await script.spec(suspend=False)
    # The data is a change, whose promotion would end it: told, but not held.
    await script.reaches("Progressing")
    await stage.rest(10)
    assert stage.get(CONFIG_MAPS, "podinfo-config-primary") is None
    assert warned(script, "podinfo-config-primary is gone", "no longer holds the promoted data")
    await script.config(color="blue")
    await stage.until(lambda: stage.get(CONFIG_MAPS, "podinfo-config-primary") is not None)
    assert stage.get(CONFIG_MAPS, "podinfo-config-primary")["data"] == {"color": "blue"}
