"""The three Services (lifecycle.md 2.2, providers.md 3)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from workload_objects import FLUX, LABEL, OWNER, container, recorded, template

from canary.workloads.labels import SelectorLabel
from canary.workloads.services import differs, ports, service_manifest

Obj = dict[str, Any]
HTTP = {"name": "http", "protocol": "TCP", "port": 80, "targetPort": 80}


def manifest(name: str = "podinfo", **changes: Any) -> Obj:
    given: Obj = {
        "name": name,
        "namespace": "test",
        "selector": {"app": "podinfo-primary"},
        "label": LABEL,
        "service": {"port": 80},
        "metadata": None,
        "template": None,
        "owner": OWNER,
    }
    return service_manifest(**{**given, **changes})


@pytest.mark.parametrize(
    ("service", "port"),
    [
        ({"port": 80}, HTTP),
        ({"port": 80, "targetPort": 0}, HTTP),
        ({"port": 80, "targetPort": 9898}, {**HTTP, "targetPort": 9898}),
        ({"port": 80, "targetPort": "web"}, {**HTTP, "targetPort": "web"}),
        ({"port": 80, "portName": "grpc"}, {**HTTP, "name": "grpc"}),
        ({"port": 80, "appProtocol": "h2c"}, {**HTTP, "appProtocol": "h2c"}),
    ],
)
def test_the_first_port(service: Obj, port: Obj) -> None:
    assert ports(service, None) == [port]


def exposing(*found: Obj, name: str = "podinfo") -> Obj:
    return container(name=name, ports=list(found))


def test_discovered_ports() -> None:
    pods = template(
        containers=[
            exposing({"containerPort": 80}, {"containerPort": 81}, {"containerPort": 82}),
            exposing({"containerPort": 9000, "name": "metrics"}, name="exporter"),
            exposing({"containerPort": 15090, "name": "stats"}, name="istio-proxy"),
            exposing({"containerPort": 9901}, name="envoy"),
            container(name="none"),
        ],
        initContainers=[exposing({"containerPort": 7000}, name="setup")],
    )
    found = ports({"port": 80, "portDiscovery": True}, pods)[1:]
    assert [(port["name"], port["port"], port["targetPort"]) for port in found] == [
        ("tcp-podinfo-1", 81, 81),
        ("tcp-podinfo-2", 82, 82),
        ("metrics", 9000, 9000),
    ]
    assert ports({"port": 80}, pods) == [HTTP]


@pytest.mark.parametrize(
    ("target", "left"),
    # the main port: by number when unset or a number, by name when a name
    [(None, {8080, 9898}), (9898, {80, 8080}), ("web", {80, 9898})],
)
def test_the_main_port_is_not_discovered_again(target: object, left: set[int]) -> None:
    pods = template(
        containers=[
            exposing(
                {"containerPort": 80},
                {"containerPort": 8080, "name": "web"},
                {"containerPort": 9898},
            )
        ]
    )
    service = {"port": 80, "targetPort": target, "portDiscovery": True}
    assert {port["port"] for port in ports(service, pods)[1:]} == left


def test_a_discovered_port_keeps_its_protocol() -> None:
    # providers D32
    pods = template(containers=[exposing({"containerPort": 53, "protocol": "UDP"})])
    assert ports({"port": 80, "portDiscovery": True}, pods)[1]["protocol"] == "UDP"


@pytest.mark.parametrize("name", ["app", "app-primary", "app-canary"])
def test_a_service_is_what_flagger_made(name: str) -> None:
    live = recorded("config-change")[f"Service/{name}"]
    selector = {"app": "app" if name == "app-canary" else "app-primary"}
    made = manifest(
        name,
        namespace="config-change",
        selector=selector,
        label=SelectorLabel("app", "app"),
        service={"port": 80, "targetPort": 9898},
        owner=live["metadata"]["ownerReferences"][0],
    )
    assert made["metadata"] == live["metadata"]
    for field in ("selector", "ports", "type"):
        assert made["spec"][field] == live["spec"][field]
    assert not differs(live, made), "taking over writes nothing"


def test_metadata_of_its_role_comes_with_label_and_markers() -> None:
    extra = {"labels": {"team": "a", "app": "mine"}, "annotations": {"note": "b"}}
    meta = manifest("podinfo-canary", metadata=extra)["metadata"]
    assert meta["labels"] == {"team": "a", "app": "podinfo-canary"}
    assert meta["annotations"] == {"note": "b", **FLUX}
    assert meta["ownerReferences"] == [OWNER]


def test_headless_and_traffic_distribution_on_request() -> None:
    spec = manifest(service={"port": 80, "headless": True, "trafficDistribution": "PreferClose"})
    assert spec["spec"]["clusterIP"] == "None"
    assert spec["spec"]["trafficDistribution"] == "PreferClose"
    plain = manifest()["spec"]
    assert "clusterIP" not in plain
    assert "trafficDistribution" not in plain


def stored(made: Obj | None = None) -> Obj:
    """A Service as the API server keeps it, with what others added."""
    live = copy.deepcopy(made or manifest())
    live["metadata"]["labels"]["app.kubernetes.io/instance"] = "argo"
    live["metadata"]["annotations"]["cloud/neg"] = "{}"
    live["metadata"]["ownerReferences"].append({"kind": "Other", "name": "x", "uid": "y"})
    live["spec"] |= {"clusterIP": "10.96.0.7", "sessionAffinity": "None"}
    live["spec"]["ports"] = [{**port, "nodePort": 30080} for port in live["spec"]["ports"]]
    return live


def test_at_the_fixed_point_nothing_differs() -> None:
    assert not differs(stored(), manifest())


def test_a_port_that_somebody_added_to_our_service_stays() -> None:
    # An apply leaves it where it is: counting it would write for ever (S12).
    live = stored()
    live["spec"]["ports"].append({"name": "debug", "port": 6060, "protocol": "TCP"})
    assert not differs(live, manifest())


DRIFTS: dict[str, Any] = {
    "label": lambda live: live["metadata"]["labels"].update(app="x"),
    "annotation": lambda live: live["metadata"]["annotations"].popitem(),
    "owner": lambda live: live["metadata"]["ownerReferences"].pop(0),
    "selector": lambda live: live["spec"]["selector"].update(app="podinfo"),
    "selector key": lambda live: live["spec"]["selector"].update(version="v1"),
    "target port": lambda live: live["spec"]["ports"][0].update(targetPort=1),
    "port name": lambda live: live["spec"]["ports"][0].update(name="x"),
    "port": lambda live: live["spec"]["ports"].clear(),
    "protocol": lambda live: live["spec"]["ports"][0].update(protocol="UDP"),
    "app protocol": lambda live: live["spec"]["ports"][0].update(appProtocol="h2c"),
    "distribution": lambda live: live["spec"].update(trafficDistribution="PreferSameNode"),
}


@pytest.mark.parametrize("field", DRIFTS)
def test_drift_of_every_owned_field_is_seen(field: str) -> None:
    live = stored(manifest(metadata={"annotations": {"note": "b"}}))
    live["metadata"]["annotations"].pop("cloud/neg")
    live["spec"]["trafficDistribution"] = "PreferClose"
    service = {"port": 80, "trafficDistribution": "PreferClose"}
    wanted = manifest(service=service, metadata={"annotations": {"note": "b"}})
    assert not differs(live, wanted)
    DRIFTS[field](live)
    assert differs(live, wanted)
