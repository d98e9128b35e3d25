"""What Flagger 1.44 left behind is taken over: nothing moves because the controller changed."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from canary import virtualtime
from canary.kube.resources import CANARIES, CONFIG_MAPS, DEPLOYMENTS, Key
from tests.rig.stage import Stage, resource_of
from tests.rig.workloads import image
from tests.transcripts import recorded

FLAGGER = "flagger"


class Left:
    """A stage on which the objects of a recording stand, as Flagger left them."""

    def __init__(self, name: str, when: str) -> None:
        self.name = name
        self.recording = recorded.load(name)
        self.objects: dict[str, Any] = self.recording[when]
        self.stage = Stage()

    async def set_up(self) -> None:
        stage = self.stage
        await stage.up(namespaces=(self.name,))
        applied = {f"{m['kind']}/{m['metadata']['name']}": m for m in self.recording["applied"]}
        for key, manifest in applied.items():
            if key not in self.objects:
                await stage.apply(manifest)
        canary = await self._put("Canary/app", self.objects["Canary/app"], {})
        flagger = stage.cluster.client(FLAGGER)
        for key, obj in self.objects.items():
            if key != "Canary/app":
                author = stage.user if key in applied else flagger
                await self._put(key, obj, canary["metadata"], author)
        body = {**canary, "status": self.objects["Canary/app"]["status"]}
        await flagger.update(CANARIES, body, subresource="status")
        await stage.rest(30)

    async def _put(self, key: str, found: Any, owner: Any, client: Any = None) -> Any:
        kind = key.split("/")[0]
        obj = copy.deepcopy(found)
        obj.pop("status", None)
        obj |= {"apiVersion": recorded.api_version(kind), "kind": kind}
        for reference in obj["metadata"].get("ownerReferences") or ():
            reference["uid"] = owner["uid"]
        return await (client or self.stage.user).create(resource_of(obj), obj)

    def generations(self) -> dict[str, Any]:
        """What tells that an object was changed: generations, and data where there is none."""
        found = {}
        for key in self.objects:
            kind = key.split("/")[0]
            manifest = {"apiVersion": recorded.api_version(kind), "kind": kind}
            obj = self.stage.get(resource_of(manifest), key.split("/")[1], self.name)
            found[key] = obj["metadata"].get("generation"), obj.get("spec"), obj.get("data")
        return found

    def pods(self) -> set[Key]:
        return set(self.stage.cluster.deployments.pods)


def anchored(route: dict[str, Any]) -> dict[str, Any]:
    """A route of Flagger's that finds the expired cookie as ours does (providers D39)."""
    ours = json.dumps(r"^(.*;\s*)?aff=OOlXExskmy(;.*)?$")
    found: dict[str, Any] = json.loads(json.dumps(route).replace('".*aff.*OOlXExskmy.*"', ours))
    return found


@pytest.mark.parametrize("when", ["objectsInitialized", "objectsFinal"])
@pytest.mark.parametrize("name", [*recorded.NAMES, "hooks-all"])
def test_idle_canaries_are_taken_over_untouched(name: str, when: str) -> None:
    """No pod restarts, no weight moves, no rollout starts, no event is told."""

    async def play() -> None:
        left = Left(name, when)
        await left.set_up()
        before, pods = left.generations(), left.pods()
        left.stage.start()
        await left.stage.rest(300)
        phase = left.objects["Canary/app"]["status"]["phase"]
        assert left.stage.phase("app", name) == phase
        if (name, when) == ("gw-affinity", "objectsFinal"):
            generation, route, data = before["HTTPRoute/app"]
            assert anchored(route) != route
            before["HTTPRoute/app"] = generation + 1, anchored(route), data
        assert left.generations() == before
        assert left.pods() == pods
        assert left.stage.events(name) == []
        assert left.stage.status("app", name)["engine"]["reason"] != ""
        await left.stage.down()

    virtualtime.run(play())


@pytest.mark.parametrize(
    "name",
    [
        "gw-happy",
        "istio-happy",
        "config-change",
        "nginx-happy",
        "k8s-bluegreen",
        "istio-ab",
        "gw-affinity",
        "hooks-all",
    ],
)
def test_the_next_change_rolls_out_as_ever(name: str) -> None:
    async def play() -> None:
        left = Left(name, "objectsInitialized")
        await left.set_up()
        stage = left.stage
        stage.start()
        await stage.rest(60)
        trigger = left.recording["trigger"][0]
        if trigger["op"] == "image":
            await stage.set_image(trigger["image"], "app", name)
        else:
            await stage.patch(CONFIG_MAPS, trigger["name"], {"data": trigger["data"]}, name)
        await stage.until(lambda: stage.phase("app", name) == "Succeeded")
        primary = stage.get(DEPLOYMENTS, "app-primary", name)
        target = stage.get(DEPLOYMENTS, "app", name)
        assert image(primary) == image(target)
        await stage.down()

    virtualtime.run(play())


def test_a_failed_canary_does_not_run_its_rejected_revision_again() -> None:
    """Nor is it confused by it: the next change leaves Failed."""

    async def play() -> None:
        left = Left("gw-fail", "objectsFinal")
        await left.set_up()
        stage = left.stage
        stage.start()
        await stage.rest(200)
        assert stage.phase("app", "gw-fail") == "Failed"
        await stage.set_image("ghcr.io/stefanprodan/podinfo:6.0.2", "app", "gw-fail")
        await stage.until(lambda: stage.phase("app", "gw-fail") == "Succeeded")
        await stage.down()

    virtualtime.run(play())


async def _written(left: Left, *, drops: bool) -> None:
    """Flagger writes the status. It ``drops`` what it doesn't know: its client is typed."""
    live = left.stage.get(CANARIES, "app", left.name)
    status = {**live["status"], "failedChecks": live["status"]["failedChecks"] + 1}
    if drops:
        status.pop("engine", None)
    flagger = left.stage.cluster.client(FLAGGER)
    await flagger.update(CANARIES, {**live, "status": status}, subresource="status")


def _named(left: Left) -> bool:
    return any(
        "status is also written by flagger" in text for _, text in left.stage.events(left.name)
    )


@pytest.mark.parametrize("drops", [False, True])
def test_a_flagger_that_goes_on_writing_is_named(drops: bool) -> None:
    """Its status is imported once more, and again; from then on the Canary is its own as long as
    it writes. When it has been silent for a minute, that Canary is taken over."""

    async def play() -> None:
        left = Left("gw-happy", "objectsInitialized")
        await left.set_up()
        stage = left.stage
        stage.start()
        for round_ in range(3):
            await stage.rest(20)
            assert not _named(left), round_
            await _written(left, drops=drops)
        await stage.rest(20)
        assert _named(left)
        before = stage.get(CANARIES, "app", "gw-happy")["metadata"]["resourceVersion"]
        await stage.rest(30)
        assert stage.get(CANARIES, "app", "gw-happy")["metadata"]["resourceVersion"] == before
        await _written(left, drops=drops)
        await stage.rest(59)
        assert stage.status("app", "gw-happy")["failedChecks"] == 2
        await stage.rest(2)
        assert stage.status("app", "gw-happy")["failedChecks"] == 0
        # One that breaks its silence isn't given a second chance.
        await _written(left, drops=drops)
        await stage.rest(20)
        assert stage.status("app", "gw-happy")["failedChecks"] == 1
        await stage.down()

    virtualtime.run(play())
