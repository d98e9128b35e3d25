"""DaemonSets and Services as targets: data, failures, changes and ends in between."""

from __future__ import annotations

from typing import Any

from canary.kube.resources import CANARIES, CONFIG_MAPS, DAEMON_SETS, SCALED_OBJECTS, SERVICES
from tests.badinput.test_specs import warned
from tests.rig.manifests import autoscaled, daemon_setting, service_setting
from tests.rig.staged import staged
from tests.transcripts.script import Script

KEY = "flagger.app/scale-to-zero"


async def _idle(script: Script, manifests: list[dict[str, Any]]) -> None:
    await script.begins(manifests)
    await script.reaches("Initialized")
    await script.stage.rest(30)


def node_selector(script: Script, name: str) -> dict[str, str]:
    pods = script.stage.get(DAEMON_SETS, name)["spec"]["template"]["spec"]
    return pods.get("nodeSelector") or {}


def selects(script: Script, name: str) -> str:
    return str(script.stage.get(SERVICES, name)["spec"]["selector"]["version"])


async def version(script: Script, number: str) -> None:
    await script.stage.patch(SERVICES, "podinfo", {"spec": {"selector": {"version": number}}})


@staged()
async def test_a_daemon_set_keeps_its_own_node_selector(script: Script) -> None:
    """lifecycle 14: the selector comes beside those that are there, and never to the primary."""
    own = {"kubernetes.io/os": "linux"}
    await _idle(script, daemon_setting(target={"template": {"spec": {"nodeSelector": own}}}))
    assert node_selector(script, "podinfo") == {**own, KEY: "true"}
    assert node_selector(script, "podinfo-primary") == own
    await script.daemon_image("2.0.0")
    await script.reaches("Progressing", 10)
    assert node_selector(script, "podinfo") == own
    await script.reaches("Succeeded")
    await script.stage.rest(10)
    assert node_selector(script, "podinfo") == {**own, KEY: "true"}
    assert node_selector(script, "podinfo-primary") == own


@staged()
async def test_a_primary_that_was_switched_off_is_put_right(script: Script) -> None:
    await _idle(script, daemon_setting())
    off = {"spec": {"template": {"spec": {"nodeSelector": {KEY: "true"}}}}}
    await script.stage.patch(DAEMON_SETS, "podinfo-primary", off)
    await script.stage.rest(5)
    assert node_selector(script, "podinfo-primary") == {}


@staged()
async def test_data_of_a_daemon_set_goes_through_zero(script: Script) -> None:
    stage = script.stage
    await _idle(script, daemon_setting())
    await script.daemon_image("2.0.0")
    await script.reaches("Progressing", 20)
    feed = stage.cluster.server.storage.feed(DAEMON_SETS)
    await script.config(color="red")
    await script.reaches("Progressing", 0)
    await script.reaches("Progressing", 10)
    switched = []
    while not feed.empty():
        change = feed.get_nowait()
        if change and change.key.name == "podinfo":
            pods = change.obj["spec"]["template"]["spec"]
            switched.append(KEY not in (pods.get("nodeSelector") or {}))
    assert list(dict.fromkeys(switched)) == [False, True]
    await script.reaches("Succeeded")
    assert stage.get(CONFIG_MAPS, "podinfo-config-primary")["data"] == {"color": "red"}


@staged()
async def test_a_daemon_set_is_rolled_back(script: Script) -> None:
    await _idle(script, daemon_setting(analysis={"threshold": 1}))
    await script.daemon_image("2.0.0")
    await script.reaches("Progressing", 10)
    script.stage.prometheus.value = 90
    await script.reaches("Failed")
    assert KEY not in node_selector(script, "podinfo")
    await script.stage.rest(10)
    assert KEY in node_selector(script, "podinfo")
    primary = script.stage.get(DAEMON_SETS, "podinfo-primary")["spec"]["template"]["spec"]
    assert primary["containers"][0]["image"] == "podinfo:1.0.0"


@staged()
async def test_a_daemon_set_that_no_node_takes(script: Script) -> None:
    """D20: nothing runs, nothing is judged."""
    nowhere = {"template": {"spec": {"nodeSelector": {"nowhere": "yes"}}}}
    await script.begins(daemon_setting(target=nowhere))
    await script.stage.rest(150)
    assert script.stage.phase() == "Initializing"
    assert warned(script, "primary daemonset podinfo-primary.test not ready", "0 of 1 pods")
    assert KEY not in node_selector(script, "podinfo")


@staged()
async def test_the_copy_of_a_service_stays_while_it_carries_traffic(script: Script) -> None:
    """A newer selector has to earn its traffic from the first step on."""
    await _idle(script, service_setting())
    await version(script, "2.0.0")
    await script.reaches("Progressing", 20)
    assert (selects(script, "podinfo-canary"), selects(script, "podinfo-primary")) == (
        "2.0.0",
        "1.0.0",
    )
    await script.stage.patch(SERVICES, "podinfo", {"spec": {"sessionAffinity": "ClientIP"}})
    await script.reaches("Progressing", 0)
    copy = script.stage.get(SERVICES, "podinfo-canary")["spec"]
    assert copy["sessionAffinity"] == "None"
    await script.reaches("Progressing", 10)
    assert script.stage.get(SERVICES, "podinfo-canary")["spec"]["sessionAffinity"] == "ClientIP"
    await script.reaches("Succeeded")
    primary = script.stage.get(SERVICES, "podinfo-primary")["spec"]
    assert (primary["sessionAffinity"], primary["selector"]["version"]) == ("ClientIP", "2.0.0")


@staged()
async def test_a_service_that_selects_nobody_gets_no_traffic(script: Script) -> None:
    await _idle(script, service_setting())
    await version(script, "9.9.9")
    await script.stage.rest(200)
    assert (script.stage.phase(), script.stage.status()["canaryWeight"]) == ("Progressing", 0)
    assert warned(script, "canary service podinfo.test not ready", "no ready endpoints")
    assert selects(script, "podinfo-primary") == "1.0.0"
    await version(script, "1.0.0")
    await script.reaches("Succeeded")


@staged()
async def test_a_service_is_rolled_back_and_fixed(script: Script) -> None:
    await _idle(script, service_setting(analysis={"threshold": 1}))
    await version(script, "2.0.0")
    await script.reaches("Progressing", 10)
    script.stage.prometheus.value = 90
    await script.reaches("Failed")
    await script.stage.rest(60)
    assert selects(script, "podinfo-primary") == "1.0.0"
    assert selects(script, "podinfo") == "2.0.0"
    script.stage.prometheus.value = 100
    await script.stage.patch(SERVICES, "podinfo", {"spec": {"sessionAffinity": "ClientIP"}})
    await script.reaches("Progressing")
    await script.reaches("Succeeded")
    assert selects(script, "podinfo-primary") == "2.0.0"


@staged()
async def test_a_service_outside_of_the_cluster(script: Script) -> None:
    """Nothing here can tell whether a name outside serves: as Flagger, it counts as ready."""
    *deployments, service, canary = service_setting()
    service["spec"] = {"type": "ExternalName", "externalName": "one.example.com"}
    await _idle(script, [*deployments, service, canary])
    patch = {"spec": {"externalName": "two.example.com"}}
    await script.stage.patch(SERVICES, "podinfo", patch)
    await script.reaches("Succeeded")
    primary = script.stage.get(SERVICES, "podinfo-primary")["spec"]
    assert (primary["type"], primary["externalName"]) == ("ExternalName", "two.example.com")


@staged()
async def test_copies_prefer_the_endpoints_that_the_canary_names(script: Script) -> None:
    near = {"service": {"port": 9898, "trafficDistribution": "PreferClose"}}
    await _idle(script, service_setting(near))
    for name in ("podinfo-canary", "podinfo-primary"):
        assert script.stage.get(SERVICES, name)["spec"]["trafficDistribution"] == "PreferClose"
    assert "trafficDistribution" not in script.stage.get(SERVICES, "podinfo")["spec"]
    await version(script, "2.0.0")
    await script.reaches("Succeeded")


@staged()
async def test_what_a_deleted_canary_leaves_of_a_daemon_set(script: Script) -> None:
    await _idle(script, daemon_setting())
    await script.stage.delete(CANARIES, "podinfo")
    await script.stage.rest(30)
    assert script.stage.get(DAEMON_SETS, "podinfo-primary") is None
    assert warned(script, "Canary podinfo.test was deleted", f"remove {KEY} if it is to serve")


@staged()
async def test_what_a_deleted_canary_leaves_of_a_scaled_object(script: Script) -> None:
    await script.begins(autoscaled("ScaledObject"), keda=True)
    await script.reaches("Initialized")
    await script.stage.rest(30)
    await script.stage.delete(CANARIES, "podinfo")
    await script.stage.rest(30)
    assert script.stage.get(SCALED_OBJECTS, "podinfo-so-primary") is None
    assert warned(script, "Canary podinfo.test was deleted", "ScaledObject podinfo-so stays paused")
