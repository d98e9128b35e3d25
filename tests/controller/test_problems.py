"""What keeps a Canary from being run: each by its reason, and nothing where all is well."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from looks import OLD, SETTINGS, Look, live, look, pin

from canary.controller.autoscaling import Autoscaling
from canary.controller.digests import Source
from canary.controller.problems import problems, unknown_parts
from canary.kube.resources import AUTOSCALERS
from canary.rollout.observed import Absent, Present, Unknown
from canary.rollout.record import Record, Revision
from canary.rollout.stage import Stage
from canary.workloads.autoscalers import HPA, Overrides
from canary.workloads.configs import ConfigRef
from providers.registry import provider
from tests.rig.manifests import autoscaled, daemon_setting, service_setting, setting

REST = Record(stage=Stage.SUCCEEDED, applied=OLD, promoted=OLD, primary=OLD)
GONE = Absent("not there")


def reasons(seen: Look, **settings: Any) -> list[str]:
    return [p.reason for p in problems(seen.scene, replace(SETTINGS, **settings), seen.record)]


def texts(seen: Look, **settings: Any) -> list[str]:
    return [p.text for p in problems(seen.scene, replace(SETTINGS, **settings), seen.record)]


def test_nothing_is_wrong_with_what_is_there() -> None:
    for manifests in (setting(), daemon_setting(), service_setting()):
        assert reasons(look(REST, manifests=manifests)) == []


def test_a_target_that_another_canary_has() -> None:
    assert reasons(look(REST, rival="Canary other has it")) == ["TargetConflict"]


@pytest.mark.parametrize(
    ("named", "default", "refused"),
    [("istio", "osm", False), (None, "osm", True),
     ("osm", "istio", True), (None, "istio", False)],
)  # fmt: skip
def test_a_provider_that_is_not_there(named: str | None, default: str, refused: bool) -> None:
    """The Canary's own counts, and the flag's where it names none."""
    seen = look(REST, provider=None)
    spec = seen.scene.canary.spec.model_copy(update={"provider": named})
    canary = seen.scene.canary.model_copy(update={"spec": spec})
    assert reasons(seen.seeing(canary=canary), mesh_provider=default) == ["Unsupported"] * refused


def test_what_the_provider_can_not_work_with() -> None:
    spec = {"provider": "gatewayapi:v1"}
    asked = look(REST, spec=spec)
    assert reasons(asked) == ["InvalidSpec"], "a route needs gatewayRefs"
    assert reasons(asked.seeing(provider=None)) == []
    assert asked.scene.provider is provider("gatewayapi:v1")


@pytest.mark.parametrize(("name", "wrong"), [("other", True), ("podinfo", False), ("", False)])
def test_the_apex_of_a_service_that_is_the_target(name: str, wrong: bool) -> None:
    manifests = service_setting({"service": {"port": 9898, "name": name}})
    assert reasons(look(REST, manifests=manifests)) == ["InvalidSpec"] * wrong
    assert texts(look(REST, manifests=service_setting({"service": None}))) == [
        "invalid canary spec: spec.service is missing: the generated Services need its port"
    ]
    # With pods as targets the name is free.
    assert reasons(look(REST, spec={"service": {"port": 9898, "name": name}})) == []


def test_a_target_that_is_gone() -> None:
    (found,) = problems(look(REST, target=GONE).scene, SETTINGS, REST)
    assert (found.reason, found.error) == ("TargetMissing", True)
    assert found.text == "deployment podinfo.test get query error: not there"
    assert reasons(look(REST, target=Unknown("not read yet"))) == []


def test_a_target_whose_pods_can_not_be_told_apart() -> None:
    selector = {"selector": {"matchLabels": {"app": None, "team": "red"}}}
    (text,) = texts(look(REST, manifests=setting(target=selector)))
    assert text.startswith("getSelectorLabel failed")


@pytest.mark.parametrize("kind", [daemon_setting, setting])
def test_a_daemon_set_that_updates_nothing_by_itself(kind: Any) -> None:
    manifests = kind(target={"updateStrategy": {"type": "OnDelete"}})
    found = ["UnusableStrategy"] * (kind is daemon_setting)
    assert reasons(look(REST, manifests=manifests)) == found


def scaled(record: Record, target: Any, endpoints: int = 1) -> Look:
    """A Canary with a reference to an autoscaler, which is as ``target`` says."""
    *_, workload, canary = autoscaled()
    found = Autoscaling(HPA, AUTOSCALERS, target, Absent(), Overrides())
    serving = {"podinfo-primary": endpoints}
    manifests = [workload, canary]
    return look(record, manifests=manifests, autoscaling=found, endpoints=serving)


def hpa(kind: str) -> Present[dict[str, Any]]:
    scaler = autoscaled()[0]
    scaler["spec"]["scaleTargetRef"]["kind"] = kind
    return Present(live(scaler))


@pytest.mark.parametrize(
    ("target", "found"),
    [
        (hpa("Deployment"), []),
        (hpa("StatefulSet"), ["AutoscalerMismatch"]),
        (GONE, ["AutoscalerMissing"]),
        (Unknown("not read yet"), []),
    ],
)
def test_an_autoscaler_that_is_missing_or_of_something_else(target: Any, found: list[str]) -> None:
    assert reasons(scaled(REST, target)) == found
    # While the primary comes up it is asked for only when that serves (S70).
    assert reasons(scaled(Record(), target, endpoints=0)) == []
    assert reasons(scaled(Record(), target, endpoints=1)) == found
    assert reasons(scaled(REST, target, endpoints=0)) == found


def test_autoscalers_that_nothing_names_or_that_were_not_looked_up() -> None:
    seen = scaled(REST, GONE)
    assert reasons(seen.seeing(autoscaling=None)) == []
    assert reasons(look(REST, autoscaling=seen.scene.autoscaling)) == []


def service(owner: dict[str, Any]) -> dict[str, Present[dict[str, Any]]]:
    references = [{"controller": True, "kind": "Canary", **owner}]
    meta = {"name": "podinfo", "ownerReferences": references}
    return {"podinfo": Present(live({"metadata": meta}))}


def test_a_service_that_another_canary_has() -> None:
    taken = look(REST, services=service({"name": "other", "uid": "other"}))
    assert texts(taken) == [
        "Service podinfo.test belongs to Canary other: choose another spec.service.name"
    ]
    assert reasons(look(REST, services=service({"name": "podinfo", "uid": "canary"}))) == []
    assert reasons(look(REST, services={"podinfo": Unknown("not read yet")})) == []


TRACKED = ConfigRef("configmap", "podinfo-config")


@pytest.mark.parametrize("optional", [False, True])
def test_data_that_is_missing(optional: bool) -> None:
    tracked = {replace(TRACKED, optional=optional): GONE}
    assert reasons(look(REST, tracked=tracked)) == ["ConfigMissing"] * (not optional)
    for text in texts(look(REST, tracked=tracked)):
        assert text.startswith("GetTargetConfigs failed")
    for text in texts(look(Record(), tracked=tracked)):
        assert text.startswith("createPrimaryDeployment failed: GetTargetConfigs failed")


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, ["ConfigLost"]),
        ({"stage": Stage.PROMOTING}, []),
        ({"stage": Stage.INITIALIZING}, []),
        ({"primary": None}, []),
        ({"primary": Revision("e1-old", {"configmap/podinfo-config": "now"})}, []),
        ({"primary": Revision("e1-old")}, []),
    ],
)
def test_a_copy_that_nothing_can_restore(changes: dict[str, Any], found: list[str]) -> None:
    held = replace(REST, primary=Revision("e1-old", {"configmap/podinfo-config": "then"}))
    parts: dict[str, Any] = {"tracked": {TRACKED: Present(Source("now", True))}}
    parts |= {"copies": {TRACKED: GONE}, "pins": {OLD.template: pin(OLD, {})}}
    assert reasons(look(replace(held, **changes), **parts)) == found
    # What is gone altogether is told as that.
    gone = parts | {"tracked": {replace(TRACKED, optional=True): GONE}}
    assert reasons(look(replace(held, **changes), **gone)) == []
    there = parts | {"copies": {TRACKED: Present(Source("then", True))}}
    assert reasons(look(replace(held, **changes), **there)) == []


def test_routes_that_the_cluster_does_not_know() -> None:
    assert reasons(look(REST, route_gap=GONE)) == ["RouteKindMissing"]
    assert reasons(look(REST, route_gap=Unknown("not read yet"))) == []


def test_a_template_that_asks_for_an_unknown_server() -> None:
    def template(kind: str) -> dict[str, Any]:
        server = {"type": kind, "address": "http://metrics"}
        meta = {"name": "rate", "namespace": "test"}
        return {"kind": "MetricTemplate", "metadata": meta, "spec": {"provider": server}}

    known, other = template("prometheus"), template("influxdb")
    known["spec"]["query"] = other["spec"]["query"] = "up"
    assert reasons(look(REST, templates={"rate.test": other})) == ["Unsupported"]
    assert reasons(look(REST, templates={"rate.test": known})) == []
    assert reasons(look(REST, templates={"rate.test": {"metadata": known["metadata"]}})) == []


def test_what_can_not_be_seen_is_named_in_its_order() -> None:
    blank = look(REST)
    assert unknown_parts(blank.scene) is None
    why = Unknown("not read yet")
    for part in ({"target": why}, {"primary": why}, {"services": {"podinfo": why}},
                 {"route_gap": why}):  # fmt: skip
        assert unknown_parts(blank.seeing(**part).scene) is why
    assert unknown_parts(blank.seeing(route_gap=GONE).scene) is None
