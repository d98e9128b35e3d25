"""The figures that the README and the issue state, counted in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from canary import virtualtime
from canary.kube.resources import CANARIES
from canary.kube.transport import Request, Response, Transport
from tests.rig.manifests import setting
from tests.rig.stage import Stage

MANAGER = "canary-engine"


def requests(stage: Stage, start: int = 0) -> list[str]:
    """Requests of the controller since ``start``, watches left out."""
    return [
        f"{entry.method} {entry.path}"
        for entry in stage.cluster.server.audit[start:]
        if entry.user == MANAGER and entry.query.get("watch") != "true"
    ]


def test_idle_canaries_cost_no_request() -> None:
    """200 idle Canaries for 60 s: none at all (Flagger 1.44: 11.4 per canary and interval)."""

    async def play() -> list[str]:
        stage = Stage()
        await stage.up()
        config, secret, deployment, canary = setting()
        await stage.apply(config, secret)
        for number in range(200):
            name = f"app-{number}"
            await stage.apply(named(deployment, name), named(canary, name))
        stage.start()
        names = [f"app-{number}" for number in range(200)]
        await stage.until(lambda: all(stage.phase(n) == "Initialized" for n in names))
        await stage.rest(30)
        mark = len(stage.cluster.server.audit)
        await stage.rest(60)
        found = requests(stage, mark)
        await stage.down()
        return found

    assert virtualtime.run(play()) == []


class Slow:
    """A transport whose answers take half a second."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.stream, self.close = inner.stream, inner.close

    async def request(self, request: Request) -> Response:
        await asyncio.sleep(0.5)
        return await self._inner.request(request)


def test_canaries_do_not_wait_for_each_other_where_answers_take_long() -> None:
    """Of 20 that change at once each is at work after its own requests, not after all others'."""

    async def play() -> float:
        stage = Stage()
        await stage.up()
        config, secret, deployment, canary = setting()
        await stage.apply(config, secret)
        names = [f"app-{number}" for number in range(20)]
        for name in names:
            await stage.apply(named(deployment, name), named(canary, name))
        stage.wrap = Slow
        stage.start()
        await stage.until(lambda: all(stage.phase(n) == "Initialized" for n in names))
        await stage.rest(30)
        began = asyncio.get_running_loop().time()
        for name in names:
            await stage.set_image("podinfo:2.0.0", name)
        await stage.until(lambda: all(stage.phase(n) == "Progressing" for n in names))
        found = asyncio.get_running_loop().time() - began
        await stage.down()
        return found

    assert virtualtime.run(play()) < 2


def named(manifest: dict, name: str) -> dict:
    """A manifest of the setting under another name."""
    found = {**manifest, "metadata": {**manifest["metadata"], "name": name}}
    spec = dict(found["spec"])
    if found["kind"] == "Canary":
        spec["targetRef"] = {**spec["targetRef"], "name": name}
    else:
        labels = {"app": name}
        spec["selector"] = {"matchLabels": labels}
        spec["template"] = {**spec["template"], "metadata": {"labels": labels}}
    return {**found, "spec": spec}


GATEWAY = {
    "provider": "gatewayapi:v1",
    "service": {"port": 9898, "gatewayRefs": [{"name": "gw", "namespace": "default"}]},
}


@pytest.mark.parametrize("spec", [{}, GATEWAY], ids=["istio", "gatewayapi"])
def test_a_step_costs_two_writes_and_an_event(spec: dict) -> None:
    """Each step: no read, the status, the route, the event (Flagger 1.44: about 18 + 2)."""

    async def play() -> dict[int, list[str]]:
        stage = Stage(gateway=bool(spec))
        await stage.up()
        await stage.apply(*setting(spec=spec))
        stage.start()
        await stage.until(lambda: stage.phase() == "Initialized")
        await stage.rest(30)
        await stage.set_image("podinfo:2.0.0")
        steps: dict[int, list[str]] = {}
        for weight in (10, 20, 30, 40, 50):
            mark = len(stage.cluster.server.audit)
            await stage.until(lambda w=weight: stage.status().get("canaryWeight") == w)
            await stage.rest(30)
            steps[weight] = requests(stage, mark)
        await stage.down()
        return steps

    steps = virtualtime.run(play())
    del steps[10]  # The start of the run is more than a step: pods, pin, first event.
    for weight, found in steps.items():
        writes = [line for line in found if "/events" not in line]
        assert len(writes) == 2, (weight, found)
        assert len(found) == 3, (weight, found)
        assert not [line for line in found if line.startswith("GET")], (weight, found)


@pytest.mark.parametrize(
    ("spec", "settles"), [({}, 2.0), (GATEWAY, 0.0)], ids=["istio", "gatewayapi"]
)
def test_a_rollout_lasts_its_intervals_and_nothing_else(spec: dict, settles: float) -> None:
    """n x interval + n x settle + drain, from the change of the image to the end.

    The settle time is 0 where the gateway confirms. Flagger 1.44: 66 s for 3 steps of 10 s.
    """

    async def play() -> float:
        stage = Stage(gateway=bool(spec))
        await stage.up()
        analysis = {"interval": "10s", "stepWeight": 20, "maxWeight": 60}
        await stage.apply(*setting(spec=spec, analysis=analysis))
        stage.start()
        await stage.until(lambda: stage.phase() == "Initialized")
        await stage.rest(30)
        loop = asyncio.get_running_loop()
        feed = stage.cluster.server.storage.feed(CANARIES)
        begin = loop.time()
        await stage.set_image("podinfo:2.0.0")
        while True:
            change = await feed.get()
            if change and change.obj["status"]["phase"] == "Succeeded":
                break
        lasted = loop.time() - begin
        await stage.down()
        return lasted

    interval, drain, steps = 10.0, 5.0, 3
    # A conflict with the Deployment's own controller may cost the first backoff of the queue.
    slack = 0.1
    expected = steps * interval + steps * settles + drain
    assert expected <= virtualtime.run(play()) <= expected + slack


def test_two_runs_of_one_seed_are_equal() -> None:
    """The same script gives the same writes in the same order: nothing depends on chance."""

    async def play() -> list[str]:
        stage = Stage()
        await stage.up()
        await stage.apply(*setting())
        stage.start()
        await stage.until(lambda: stage.phase() == "Initialized")
        await stage.set_image("podinfo:2.0.0")
        await stage.until(lambda: stage.phase() == "Succeeded")
        found = requests(stage)
        await stage.down()
        return found

    assert virtualtime.run(play()) == virtualtime.run(play())
