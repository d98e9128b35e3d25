"""Edits of provider, target and names: nobody is left on a route that nobody looks after."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from canary import virtualtime
from canary.kube.resources import CANARIES, DEPLOYMENTS, ENDPOINT_SLICES, SERVICES
from canary.sandbox.storage import Change
from tests.enginefields.fleet import member
from tests.fields.scenes import HTTP_ROUTES, INGRESSES, VIRTUAL_SERVICES
from tests.rig.manifests import ingress, setting
from tests.rig.routes import shares, weighs
from tests.rig.stage import Stage
from tests.rig.staged import staged
from tests.transcripts.script import Script

NGINX = {
    "provider": "nginx",
    "ingressRef": {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": "podinfo"},
}
GATEWAY = {"service": {"gatewayRefs": [{"name": "gateway"}]}}


def named(obj: dict[str, Any], name: str) -> dict[str, Any]:
    return {**obj, "metadata": {**obj["metadata"], "name": name}}


EDITS: dict[str, tuple[dict[str, Any], dict[str, Any], Any]] = {
    # The spec before, what is edited, and the route of the next run.
    "provider": (GATEWAY, {"provider": "gatewayapi:v1"}, (HTTP_ROUTES, "podinfo")),
    "service.name": ({}, {"service": {"name": "other"}}, (VIRTUAL_SERVICES, "other")),
    "ingressRef": (NGINX, {"ingressRef": {"name": "other"}}, (INGRESSES, "other-canary")),
    "targetRef": ({}, {"targetRef": {"name": "other"}}, (VIRTUAL_SERVICES, "other")),
}


class EveryRoute:
    """Whom all routes of the namespace send users to, after every write."""

    def __init__(self, stage: Stage) -> None:
        self._storage = stage.cluster.server.storage
        self.outages: list[str] = []
        self._task = asyncio.create_task(self._watch(self._storage.feed()))

    def close(self) -> None:
        self._task.cancel()

    async def _watch(self, feed: Any) -> None:
        while True:
            change: Change | None = await feed.get()
            if change is not None and change.key.namespace == "test":
                self.outages += [f"v={change.version} {text}" for text in self._dead()]

    def _dead(self) -> Iterator[str]:
        ready = {
            obj["metadata"]["labels"]["kubernetes.io/service-name"]: [
                one for one in obj.get("endpoints") or () if one["conditions"]["ready"]
            ]
            for _, obj in self._storage.all(ENDPOINT_SLICES)
        }
        for name, split in self.splits().items():
            apex = self._apex(name)
            for share, side in zip(split, ("primary", "canary"), strict=True):
                if share and not ready.get(f"{apex}-{side}"):
                    yield f"{name} sends {share} % to {apex}-{side}"

    def splits(self) -> dict[str, tuple[int, int]]:
        """By the route's kind and name."""
        return {
            f"{kind.kind}/{key.name}": shares(obj)
            for kind in (VIRTUAL_SERVICES, HTTP_ROUTES, INGRESSES)
            for key, obj in self._storage.all(kind)
            if weighs(kind.plural, key.name)
        }

    def _apex(self, name: str) -> str:
        # Both Ingresses lead to one Service.
        return "podinfo" if name.startswith("Ingress/") else name.partition("/")[2]


async def begins(script: Script, spec: dict[str, Any]) -> EveryRoute:
    other, _ = member("other")
    await script.begins([ingress(), named(ingress(), "other"), other, *setting(spec)])
    await script.reaches("Initialized")
    return EveryRoute(script.stage)


def conditions(stage: Stage) -> list[str]:
    found = stage.status()["conditions"]
    return [c["message"] for c in found if c["reason"] == "AppliesLater"]


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("fails", [False, True])
def test_a_run_goes_on_with_the_names_that_it_began_with(edit: str, fails: bool) -> None:
    before, change, (kind, name) = EDITS[edit]

    @staged()
    async def play(script: Script) -> None:
        stage = script.stage
        routes = await begins(script, before)
        await script.image("2.0.0")
        await script.reaches("Progressing", 20)
        uid = stage.get(CANARIES, "podinfo")["status"]["engine"]["run"]["attempt"]
        await script.spec(**change)
        await stage.rest(5)
        assert stage.get(kind, name) is None
        (told,) = [text for _, text in stage.events() if "was edited in mid-rollout" in text]
        assert f"spec.{edit}" in told
        assert f"spec.{edit}" in conditions(stage)[0]
        await script.reaches("Progressing", 30)
        assert stage.status()["engine"]["run"]["attempt"] == uid
        if fails:
            stage.prometheus.value = 90
            await script.reaches("Failed")
        else:
            await script.reaches("Succeeded")
        # One and the same look: the promise S8 is kept by then.
        await stage.until(lambda: stage.get(kind, name) is not None)
        assert stage.get(DEPLOYMENTS, "podinfo")["spec"]["replicas"] == 0
        stage.prometheus.value = 100
        await stage.rest(120)
        assert conditions(stage) == []
        (former,) = [found for found in routes.splits() if found != f"{kind.kind}/{name}"]
        assert routes.splits()[former] == (100, 0)
        assert routes.outages == []
        routes.close()

    play()


@pytest.mark.parametrize("edit", EDITS)
def test_at_rest_it_counts_at_once(edit: str) -> None:
    before, change, (kind, name) = EDITS[edit]

    @staged()
    async def play(script: Script) -> None:
        stage = script.stage
        routes = await begins(script, before)
        await script.image("2.0.0")
        await script.reaches("Succeeded")
        await stage.rest(30)
        written = stage.get(SERVICES, "podinfo-primary")
        await script.spec(**change)
        await stage.until(lambda: stage.get(kind, name) is not None, 60)
        await stage.rest(120)
        # What had the former names still leads to the primary.
        assert stage.get(SERVICES, "podinfo-primary")["spec"] == written["spec"]
        assert set(routes.splits().values()) <= {(100, 0), (90, 10), (80, 20), (70, 30)}
        (former,) = [found for found in routes.splits() if found != f"{kind.kind}/{name}"]
        assert routes.splits()[former] == (100, 0)
        assert routes.outages == []
        routes.close()

    play()


@staged()
async def test_what_was_edited_back_was_never_edited(script: Script) -> None:
    stage = script.stage
    routes = await begins(script, {})
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    await script.spec(service={"name": "other"})
    await stage.rest(5)
    await script.spec(service={"name": "podinfo"})
    await stage.rest(5)
    assert conditions(stage) == []
    await script.reaches("Succeeded")
    await stage.rest(60)
    assert list(routes.splits()) == ["VirtualService/podinfo"]
    routes.close()


@staged()
async def test_a_restart_of_the_engine_goes_on_with_the_names_of_the_run(script: Script) -> None:
    stage = script.stage
    routes = await begins(script, {})
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    await stage.stop()
    await script.spec(service={"name": "other"})
    stage.start()
    await script.reaches("Progressing", 30)
    assert list(routes.splits()) == ["VirtualService/podinfo"]
    # It hears of what it is bound to, too.
    await stage.route_weights(50, 50)
    await stage.rest(2)
    assert routes.splits() == {"VirtualService/podinfo": (70, 30)}
    await script.reaches("Succeeded")
    await stage.until(lambda: len(routes.splits()) == 2)
    assert routes.outages == []
    routes.close()


@staged()
async def test_a_target_that_is_gone_is_waited_for_no_longer(script: Script) -> None:
    stage = script.stage
    routes = await begins(script, {})
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    await script.spec(targetRef={"name": "other"}, service={"name": "podinfo"})
    target = stage.get(DEPLOYMENTS, "podinfo")
    uid = target["metadata"]["uid"]
    await stage.user.delete(DEPLOYMENTS, "test", "podinfo", uid=uid)
    await stage.until(lambda: stage.get(DEPLOYMENTS, "other-primary") is not None, 60)
    assert routes.splits() == {"VirtualService/podinfo": (100, 0)}
    await script.reaches("Succeeded")
    routes.close()


@staged()
async def test_a_route_that_is_gone_is_waited_for_no_longer(script: Script) -> None:
    stage = script.stage
    routes = await begins(script, NGINX)
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    await script.spec(ingressRef={"name": "other"})
    await stage.delete(INGRESSES, "podinfo")
    await stage.until(lambda: stage.get(INGRESSES, "other-canary") is not None, 60)
    await script.reaches("Succeeded")
    assert routes.splits()["Ingress/other-canary"] == (100, 0)
    routes.close()


def test_a_deletion_gives_back_what_the_run_is_bound_to() -> None:
    async def play() -> None:
        stage = Stage()
        script = Script(stage)
        await script.initialized(spec={"revertOnDeletion": True})
        await script.image("2.0.0")
        await script.reaches("Progressing", 20)
        await script.spec(service={"name": "other"})
        await stage.rest(5)
        await stage.delete(CANARIES, "podinfo")
        await stage.until(lambda: stage.get(CANARIES, "podinfo") is None, 300)
        (rule,) = stage.get(VIRTUAL_SERVICES, "podinfo")["spec"]["http"]
        assert [one["destination"]["host"] for one in rule["route"]] == ["podinfo"]
        assert stage.get(SERVICES, "podinfo")["spec"]["selector"] == {"app": "podinfo"}
        await stage.down()

    virtualtime.run(play())


@staged()
async def test_a_route_that_is_dropped_at_the_end_is_not_made_again(script: Script) -> None:
    """It would be nobody's, and what was written there was waited for in vain (by simulation)."""
    stage = script.stage
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 30)
    await script.spec(service={"name": "other"})
    await script.reaches("Finalising")
    await stage.rest(1)
    stage.history()
    await stage.delete(VIRTUAL_SERVICES, "podinfo")
    await script.reaches("Succeeded")
    routes = [c for c in stage.history() if c.resource.plural == VIRTUAL_SERVICES.plural]
    assert {change.key.name for change in routes if not change.gone} == {"other"}
