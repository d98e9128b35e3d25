"""The form of recordings: what a state, an object and an event are in it."""

from __future__ import annotations

from typing import Any

from e2e.record import shape

CANARY = {
    "status": {
        "phase": "Progressing",
        "canaryWeight": 20,
        "iterations": 0,
        "failedChecks": 1,
        "conditions": [{"type": "Promoted", "status": "Unknown", "reason": "Progressing"}],
    }
}


def named(kind: str, spec: dict[str, Any], name: str = "app", **meta: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name, **meta}, "spec": spec}


def pods(**spec: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"image": "ghcr.io/x/app:6.0.1"}], **spec}}


def test_a_state() -> None:
    backends = [{"name": "app-primary", "weight": 80}, {"name": "app-canary", "weight": 20}]
    route = named("HTTPRoute", {"rules": [{"backendRefs": backends}]})
    deployment = named("Deployment", {"replicas": 2, "template": pods()})
    assert shape.state(CANARY, [deployment], [route]) == {
        "phase": "Progressing",
        "canaryWeight": 20,
        "iterations": 0,
        "failedChecks": 1,
        "conditions": [["Promoted", "Unknown", "Progressing"]],
        "route app": [[["app-primary", 80], ["app-canary", 20]]],
        "app": [2, "6.0.1"],
    }


def test_a_canary_that_is_gone() -> None:
    assert shape.state(None, [], []) == {"gone": True, "conditions": []}


def test_a_daemon_set_is_on_or_off() -> None:
    off = named("DaemonSet", {"template": pods(nodeSelector={"flagger.app/scale-to-zero": "true"})})
    on = named("DaemonSet", {"template": pods()}, "app-primary")
    found = shape.state(CANARY, [off, on], [])
    assert (found["app"], found["app-primary"]) == (["off", "6.0.1"], ["on", "6.0.1"])


def test_an_ingress_is_its_canary_annotations() -> None:
    annotations = {"any.prefix/canary": "true", "any.prefix/canary-weight": "20", "a/other": "x"}
    route = named("Ingress", {}, "app-canary", annotations=annotations)
    found = shape.state(CANARY, [], [route])
    assert found["route app-canary"] == {"canary": "true", "canary-weight": "20"}


def test_who_gets_copies() -> None:
    side = {"destination": {"host": "app-primary"}}
    rule = {"route": [side], "mirror": {"host": "app-canary"}, "mirrorPercentage": {"value": 50}}
    found = shape.state(CANARY, [], [named("VirtualService", {"http": [rule]})])
    assert found["route app"] == [[["app-primary", 100]]]
    assert found["mirror app"] == [["app-canary", 50]]


def test_an_object_less_what_is_random() -> None:
    owner = {"kind": "Canary", "name": "app", "uid": "u"}
    meta = {"uid": "u", "resourceVersion": "7", "managedFields": [], "ownerReferences": [owner]}
    service = {**named("Service", {"a": 1}, **meta), "apiVersion": "v1", "status": {"b": 2}}
    assert shape.cleaned(service) == {
        "kind": "Service",
        "metadata": {"name": "app", "ownerReferences": [{"kind": "Canary", "name": "app"}]},
        "spec": {"a": 1},
    }
    assert service["status"] == {"b": 2}


def test_an_event() -> None:
    obj = {"type": "Normal", "reason": "Synced", "message": "(combined from similar events): done"}
    assert shape.event(obj)["count"] == 1
    assert shape.text(obj) == "done"
