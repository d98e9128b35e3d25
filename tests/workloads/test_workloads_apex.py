"""An apex Service that a user made: only the engine's own fields are patched (providers D31)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from workload_objects import FLUX, LABEL, OWNER

from canary.workloads.services import adoption_patch, service_manifest

Obj = dict[str, Any]
NAMELESS = {"protocol": "TCP", "port": 80, "targetPort": 80}
OTHER = {"name": "http", "protocol": "TCP", "port": 8080, "targetPort": 80}
HTTP = {"name": "http", "protocol": "TCP", "port": 80, "targetPort": 80}


MANIFEST = service_manifest(
    name="podinfo",
    namespace="test",
    selector={"app": "podinfo-primary"},
    label=LABEL,
    service={"port": 80},
    metadata=None,
    template=None,
    owner=OWNER,
)


def users(*found: Obj, **spec: Any) -> Obj:
    """An apex Service that a user made, with these ports."""
    return {
        "metadata": {"name": "podinfo", "annotations": {"note": "mine"}, "labels": {"x": "y"}},
        "spec": {"selector": {"app": "podinfo", "version": "v1"}, "ports": list(found), **spec},
    }


def patched(live: Obj) -> Obj:
    """``live`` after its adoption patch: every operation of it sets a whole field."""
    found = copy.deepcopy(live)
    for operation in adoption_patch(live, MANIFEST):
        assert operation["op"] == "add"
        *parents, last = operation["path"].strip("/").split("/")
        node = found
        for parent in parents:
            node = node[parent]
        node[last] = operation["value"]
    return found


def test_an_adopted_apex_selects_the_primary_and_nothing_else() -> None:
    # providers D31: a kept key would leave no endpoints once v2 is promoted
    live = users(HTTP)
    found = patched(live)
    assert found["spec"]["selector"] == {"app": "podinfo-primary"}
    assert found["metadata"]["annotations"] == {"note": "mine", **FLUX}
    assert found["metadata"]["labels"] == live["metadata"]["labels"]
    assert "ownerReferences" not in found["metadata"]


@pytest.mark.parametrize(
    ("live", "merged"),
    [
        ([HTTP], [HTTP]),
        ([{**HTTP, "nodePort": 30080}], [{**HTTP, "nodePort": 30080}]),
        # a name, or none, is the user's: Ingresses refer to it, and endpoints go by it
        ([{**HTTP, "name": "web", "targetPort": 1}], [{**HTTP, "name": "web"}]),
        ([{"port": 80, "targetPort": 1, "nodePort": 1}], [{**NAMELESS, "nodePort": 1}]),
        # same name on another port: replaced
        ([{**HTTP, "port": 8080}], [HTTP]),
        ([{**HTTP, "name": "web"}, {**HTTP, "port": 8080}], [{**HTTP, "name": "web"}, OTHER]),
        # a foreign port stays where it is (providers D31)
        (
            [{"name": "debug", "port": 6060, "nodePort": 30060}, {**HTTP, "targetPort": 1}],
            [{"name": "debug", "port": 6060, "nodePort": 30060}, HTTP],
        ),
        # one port needs no name, two do: the API server would refuse the Service
        ([{"port": 6060}], [{"name": "port-6060", "port": 6060}, HTTP]),
    ],
)
def test_ports_of_an_adopted_apex(live: list[Obj], merged: list[Obj]) -> None:
    found = patched(users(*live))
    assert found["spec"]["ports"] == merged
    assert adoption_patch(found, MANIFEST) == [], "and then nothing is left to do"


def test_an_adopted_apex_keeps_what_is_not_ours() -> None:
    live = users(HTTP, type="LoadBalancer", sessionAffinity="ClientIP")
    found = patched(live)
    assert found["spec"]["type"] == "LoadBalancer"
    assert found["spec"]["sessionAffinity"] == "ClientIP"
    assert {op["path"] for op in adoption_patch(live, MANIFEST)} == {
        "/spec/selector",
        "/metadata/annotations",
    }
