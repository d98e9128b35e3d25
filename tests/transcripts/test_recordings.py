"""The same manifests, the same trigger: what Flagger 1.44 did on a real control plane, and we."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from analysis.outcome import Values
from canary import virtualtime
from canary.kube.resources import CONFIG_MAPS
from tests.rig.stage import Stage, resource_of
from tests.transcripts import recorded
from tests.transcripts.recorded import NAMES
from tests.transcripts.timeline import Recorder


class Replay:
    """One recording, played on our stage; its results."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.recording = recorded.load(name)
        self.initialized: dict[str, Any] = {}
        self.final: dict[str, Any] = {}
        self.events: list[tuple[str, str]] = []
        self.queries: list[str] = []
        self.states: list[tuple[Any, ...]] = []

    async def play(self) -> Replay:
        stage = Stage()
        if self.name == "gw-fail":
            # The recording's server answered 50 from the second check on.
            checks = iter([99.5])
            stage.prometheus.answers = lambda query: Values((next(checks, 50.0),))
        try:
            await stage.up(namespaces=(self.name,))
            await stage.apply(*self.recording["applied"])
            stage.start()
            await stage.until(lambda: stage.phase("app", self.name) == "Initialized")
            await stage.rest(8)
            self.initialized = self._objects(stage)
            stage.prometheus.queries.clear()
            await self._trigger(stage)
            ends = ("Succeeded", "Failed")
            await stage.until(lambda: stage.phase("app", self.name) in ends)
            await stage.rest(20)
            self._collect(stage)
        finally:
            await stage.down()
        return self

    async def _trigger(self, stage: Stage) -> None:
        for trigger in self.recording["trigger"]:
            if trigger["op"] == "image":
                await stage.set_image(trigger["image"], "app", self.name)
            elif trigger["op"] == "configmap":
                patch = {"data": trigger["data"]}
                await stage.patch(CONFIG_MAPS, trigger["name"], patch, self.name)
            else:
                raise AssertionError(f"no way to replay {trigger}")

    def _collect(self, stage: Stage) -> None:
        self.final = self._objects(stage)
        self.events = stage.events(self.name)
        self.queries = stage.prometheus.queries
        recorder = Recorder("app", self.name, "app")
        recorder.take(stage.history())
        self.states = [
            (r.phase, r.weight, r.iterations, r.failed, r.split) for r in recorder.finish()
        ]

    def _objects(self, stage: Stage) -> dict[str, Any]:
        found = {}
        for key in self.recording["objectsFinal"]:
            kind, name = key.split("/")
            manifest = {"apiVersion": recorded.api_version(kind), "kind": kind}
            found[key] = stage.get(resource_of(manifest), name, self.name)
        return found


@pytest.fixture(scope="module")
def replays() -> dict[str, Replay]:
    return {name: virtualtime.run(Replay(name).play()) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_same_states(replays: dict[str, Replay], name: str) -> None:
    """Phases, weights, failed checks and splits, from the trigger on, tick by tick."""
    replay = replays[name]
    ours = [state for state in replay.states if state[0] != "Initializing"]
    assert ours == recorded.states(replay.recording)


@pytest.mark.parametrize("name", NAMES)
def test_same_events(replays: dict[str, Replay], name: str) -> None:
    """Texts, types and order.

    A wait for the primary that is over before an interval has passed isn't told during the
    promotion (design: waits speak like ticks).
    """
    replay = replays[name]
    ours = [recorded.told(*event) for event in replay.events]
    assert ours == [recorded.told(*event) for event in recorded.events(replay.recording)]


@pytest.mark.parametrize("name", NAMES)
def test_same_queries(replays: dict[str, Replay], name: str) -> None:
    replay = replays[name]
    counts = {text: replay.queries.count(text) for text in set(replay.queries)}
    assert counts == replay.recording["metricQueries"]


@pytest.mark.parametrize("when", ["objectsInitialized", "objectsFinal"])
@pytest.mark.parametrize("name", NAMES)
def test_same_objects(replays: dict[str, Replay], name: str, when: str) -> None:
    replay = replays[name]
    ours = replay.initialized if when == "objectsInitialized" else replay.final
    for key, obj in replay.recording[when].items():
        if not key.startswith("Canary/"):
            assert recorded.normal(ours[key]) == recorded.expected(key, obj), key


@pytest.mark.parametrize("name", NAMES)
def test_same_status(replays: dict[str, Replay], name: str) -> None:
    replay = replays[name]
    ours, theirs = replay.final["Canary/app"], replay.recording["objectsFinal"]["Canary/app"]
    own = {"engine", "lastTransitionTime", "primarySessionAffinityCookie"}
    assert set(ours["status"]) - own == set(theirs["status"]) - own
    assert recorded.status_of(ours) == recorded.status_of(theirs)


def test_the_stage_is_virtual() -> None:
    """A replay of minutes takes no minutes: nothing here depends on the clock."""

    async def day() -> float:
        await asyncio.sleep(86_400)
        return asyncio.get_running_loop().time()

    assert virtualtime.run(day()) == 86_400
