"""Who changed what the engine puts right: named from the object as it was found."""

from __future__ import annotations

from typing import Any

import pytest

from canary import virtualtime
from canary.controller.autoscaling import RESOURCES, Autoscaling
from canary.controller.projected_routes import resource_of
from canary.controller.writes import Create, Patch
from canary.kube.client import Client
from canary.kube.resources import AUTOSCALERS, CONFIG_MAPS, CRDS, DEPLOYMENTS, SERVICES, Key
from canary.rollout.observed import Absent, Present
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from canary.sandbox.cluster import routing_crds
from canary.workloads.autoscalers import HPA, Overrides
from providers.istio import DESTINATION_RULE, VIRTUAL_SERVICE
from tests.controller.executing import manifest
from tests.controller.looks import look
from tests.controller.projecting import Projecting
from tests.rig.manifests import autoscaled

MANIFESTS: dict[Any, dict[str, Any]] = {
    SERVICES: manifest("Service", spec={"ports": [{"port": 80}]}),
    DEPLOYMENTS: autoscaled()[3],
    AUTOSCALERS: autoscaled()[0],
    resource_of(VIRTUAL_SERVICE): manifest("VirtualService", spec={"hosts": ["podinfo"]}),
    CONFIG_MAPS: manifest("ConfigMap", data={"a": "1"}),
}
MANIFESTS[resource_of(VIRTUAL_SERVICE)]["apiVersion"] = "networking.istio.io/v1beta1"


async def prepared(monkeypatch: pytest.MonkeyPatch) -> Projecting:
    """One object of each kind, each made by somebody else; the engine has written all before."""
    engine = Projecting(monkeypatch, look(Record(Stage.SUCCEEDED)))
    found = {}
    for crd in routing_crds():
        await engine.api.user.create(CRDS, crd)
    for resource, body in MANIFESTS.items():
        by = Client(engine.api.server.transport("them"), manager=f"{resource.kind}-tool")
        found[resource] = Present(await by.create(resource, body))
        place = (resource, body["metadata"]["name"])
        engine.memory.intent[place] = "meant"
    other = {"metadata": {"managedFields": [{"manager": "another"}]}}
    engine.seen = engine.seen.seeing(
        services={"podinfo": found[SERVICES]},
        primary=found[DEPLOYMENTS],
        autoscaling=Autoscaling(
            HPA, RESOURCES[HPA.name], Absent(), found[AUTOSCALERS], Overrides()
        ),
        routes={
            (DESTINATION_RULE, "podinfo"): other,
            (VIRTUAL_SERVICE, "podinfo-other"): other,
            (VIRTUAL_SERVICE, "podinfo"): found[resource_of(VIRTUAL_SERVICE)].value,
        },
        copied={(CONFIG_MAPS, "podinfo"): found[CONFIG_MAPS].value},
    )
    return engine


@pytest.mark.parametrize(
    ("resource", "scaler"),
    [
        *((one, True) for one in MANIFESTS),
        *((one, False) for one in MANIFESTS if one != AUTOSCALERS),
    ],
)
def test_who_changed_an_object_is_named(
    resource: Any, scaler: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play() -> None:
        engine = await prepared(monkeypatch)
        if not scaler:
            engine.seen = engine.seen.seeing(autoscaling=None)
        name = MANIFESTS[resource]["metadata"]["name"]
        meta = engine.api.get(resource, name)["metadata"]
        label = ({"op": "add", "path": "/metadata/labels", "value": {"a": "1"}},)
        seen = (meta["uid"], meta["resourceVersion"])
        write = Patch(resource, Key("test", name), *seen, operations=label, intent="meant")
        await engine.does(write)
        by = f"{resource.kind}-tool"
        assert engine.told() == [f"{resource.kind} {name}.test was changed by {by}: put right"]
        assert engine.counted(resource.kind) == 1

    virtualtime.run(play())


@pytest.mark.parametrize("resource", MANIFESTS)
def test_what_was_deleted_is_said_to_be_so(resource: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def play() -> None:
        engine = await prepared(monkeypatch)
        absent = Autoscaling(HPA, RESOURCES[HPA.name], Absent(), Absent(), Overrides())
        engine.seen = engine.seen.seeing(
            services={"podinfo": Absent()},
            primary=Absent(),
            autoscaling=absent,
            routes={},
            copied={},
        )
        body = MANIFESTS[resource]
        name = body["metadata"]["name"]
        uid = engine.api.get(resource, name)["metadata"]["uid"]
        await engine.api.user.delete(resource, "test", name, uid=uid)
        await engine.does(Create(resource, Key("test", name), manifest=body, intent="meant"))
        text = f"{resource.kind} {name}.test was deleted by somebody: put right"
        assert engine.told() == [text]

    virtualtime.run(play())
