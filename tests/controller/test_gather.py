"""What is looked up for a Canary, and what can't be said while a cache says nothing."""

from __future__ import annotations

from typing import Any

import pytest
from gathered import Look, looks

from canary.kube.resources import (
    AUTOSCALERS,
    CANARIES,
    CONTROLLER_REVISIONS,
    DEPLOYMENTS,
    ENDPOINT_SLICES,
    METRIC_TEMPLATES,
    NAMESPACES,
    SERVICES,
    Resource,
)
from canary.rollout.observed import Absent, Present, Unknown
from tests.rig.manifests import autoscaled, daemon_setting, service_setting, setting

SERVED = [DEPLOYMENTS, SERVICES, ENDPOINT_SLICES, CONTROLLER_REVISIONS, CANARIES]


@looks()
async def test_a_canary_is_seen_with_what_is_there(look: Look) -> None:
    scene = await look.sees(*setting())
    assert isinstance(scene.target, Present)
    assert isinstance(scene.primary, Absent)
    assert set(scene.services) == {"podinfo", "podinfo-primary", "podinfo-canary"}
    assert all(isinstance(found, Absent) for found in scene.services.values())
    assert {str(ref) for ref in scene.tracked} == {
        "configmap/podinfo-config",
        "secret/podinfo-secret",
    }
    assert scene.label is not None and (scene.label.key, scene.label.value) == ("app", "podinfo")
    assert scene.selector_labels == look.settings.selector_labels
    assert scene.provider is not None and scene.provider.name == "istio"
    assert (scene.rival, scene.route_gap, dict(scene.routes)) == ("", None, {})


@pytest.mark.parametrize("resource", [*SERVED, AUTOSCALERS], ids=str)
def test_nothing_is_said_of_workloads_while_one_cache_behind_them_is_silent(
    resource: Resource,
) -> None:
    """Whether anybody serves is in several of them: half a look would be no look."""

    @looks()
    async def play(look: Look) -> None:
        scene = await look.sees(*autoscaled())
        assert isinstance(scene.target, Present)
        look.caches.store(resource, "test").lost("away", served=True)
        scene = look.scene()
        silent = Unknown("away")
        assert (scene.target, scene.primary) == (silent, silent)
        assert set(scene.services.values()) == {silent}
        assert scene.label is None

    play()


@looks()
async def test_an_autoscaler_is_seen_beside_its_target(look: Look) -> None:
    scene = await look.sees(*autoscaled())
    assert scene.autoscaling is not None
    assert isinstance(scene.target, Present) and isinstance(scene.autoscaling.target, Present)
    assert scene.target.value["metadata"]["name"] == "podinfo"
    assert scene.autoscaling.target.value["metadata"]["name"] == "podinfo-hpa"


@looks()
async def test_a_daemon_set_is_seen_with_its_label(look: Look) -> None:
    scene = await look.sees(*daemon_setting())
    assert isinstance(scene.target, Present)
    assert scene.label is not None
    # As in Flagger, selectors in templates are rewritten for Deployments only.
    assert scene.selector_labels == ()


@looks()
async def test_a_service_as_target_refers_to_nothing_and_has_no_label(look: Look) -> None:
    *others, service, canary = service_setting()
    service["spec"]["selector"] |= {"matchLabels": "app"}
    scene = await look.sees(*others, service, canary)
    assert isinstance(scene.target, Present)
    assert (scene.label, dict(scene.tracked)) == (None, {})


@looks()
async def test_endpoints_are_counted_by_service(look: Look) -> None:
    """Of a name outside of the cluster nobody can tell: it counts as one."""

    def service(name: str, **spec: Any) -> dict[str, Any]:
        meta = {"name": name, "namespace": "test"}
        return {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec}

    ports = [{"port": 9898}]
    scene = await look.sees(
        *setting(),
        service("podinfo", selector={"app": "podinfo"}, ports=ports),
        service("podinfo-primary", selector={"app": "podinfo-primary"}, ports=ports),
        service("podinfo-canary", type="ExternalName", externalName="example.com"),
    )
    assert scene.endpoints == {"podinfo": 2, "podinfo-primary": 0, "podinfo-canary": 1}


@looks(namespaces=("test", "metrics"))
async def test_metric_templates_are_found_where_they_may_be_read(look: Look) -> None:
    def template(name: str, namespace: str) -> dict[str, Any]:
        return {
            "apiVersion": "flagger.app/v1beta1",
            "kind": "MetricTemplate",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"provider": {"type": "prometheus", "address": "http://p"}, "query": "up"},
        }

    places = {"own": None, "shared": "metrics", "hidden": "elsewhere", "missing": None}
    metrics = [
        {
            "name": name,
            "interval": "1m",
            "thresholdRange": {"min": 1},
            "templateRef": {"name": name, **({"namespace": where} if where else {})},
        }
        for name, where in places.items()
    ]
    built_in = setting()[-1]["spec"]["analysis"]["metrics"]
    await look.sees(*setting(analysis={"metrics": [*built_in, *metrics]}))
    for name in ("metrics", "elsewhere"):
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        await look.client.create(NAMESPACES, body)
    for name, where in places.items():
        if name != "missing":
            await look.client.create(METRIC_TEMPLATES, template(name, where or "test"))
    scene = await look.later()
    assert set(scene.templates) == {"own.test", "shared.metrics"}


@looks()
async def test_of_two_canaries_of_one_target_the_older_one_has_it(look: Look) -> None:
    """Of the same age it is the one whose name comes first: both must see the same."""
    canary = setting()[-1]

    def named(name: str) -> dict[str, Any]:
        return {**canary, "metadata": {"name": name, "namespace": "test"}}

    await look.sees(*setting(), named("zebra"), named("mouse"))
    await look.stage.apply(named("ant"))
    await look.later()
    told = {name: look.scene(name=name).rival for name in ("podinfo", "zebra", "mouse", "ant")}
    assert told.pop("mouse") == ""
    for younger, text in told.items():
        assert text.startswith("Canary mouse.test has the target podinfo.test already")
        assert text.endswith(f"Canary {younger}.test, which is younger, is refused")
