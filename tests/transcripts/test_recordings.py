"""The same manifests, the same trigger: what Flagger 1.44 did on a real control plane, and we."""

from __future__ import annotations

import asyncio
import copy
import json
from pathlib import Path
from typing import Any

import pytest

from analysis.outcome import Values
from canary import virtualtime
from canary.kube.resources import CONFIG_MAPS
from tests.rig.stage import Stage, resource_of
from tests.transcripts.timeline import Recorder

DATA = Path(__file__).parent / "data" / "recordings"
NAMES = ("gw-happy", "gw-fail", "istio-happy", "config-change")


class Replay:
    """One recording, played on our stage; its results."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.recording = json.loads((DATA / f"{name}.json").read_text())
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
        self.states = [(r.phase, r.weight, r.failed, r.split) for r in recorder.finish()]

    def _objects(self, stage: Stage) -> dict[str, Any]:
        found = {}
        for key, recorded in self.recording["objectsFinal"].items():
            kind, name = key.split("/")
            manifest = {"apiVersion": _api_version(kind, recorded), "kind": kind}
            found[key] = stage.get(resource_of(manifest), name, self.name)
        return found


def _api_version(kind: str, recorded: dict[str, Any]) -> str:
    return {
        "Deployment": "apps/v1",
        "Canary": "flagger.app/v1beta1",
        "HTTPRoute": "gateway.networking.k8s.io/v1",
        "VirtualService": "networking.istio.io/v1beta1",
        "DestinationRule": "networking.istio.io/v1beta1",
    }.get(kind, "v1")


@pytest.fixture(scope="module")
def replays() -> dict[str, Replay]:
    return {name: virtualtime.run(Replay(name).play()) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_same_states(replays: dict[str, Replay], name: str) -> None:
    """Phases, weights, failed checks and splits, from the trigger on, tick by tick."""
    replay = replays[name]
    recorded = []
    for entry in replay.recording["timeline"][1:]:
        split = "/".join(str(weight) for _, weight in entry["route app"][0])
        state = (entry["phase"], entry["canaryWeight"], entry["failedChecks"], split)
        if not recorded or recorded[-1] != state:
            recorded.append(state)
    assert [state for state in replay.states if state[0] != "Initializing"] == recorded


@pytest.mark.parametrize("name", NAMES)
def test_same_events(replays: dict[str, Replay], name: str) -> None:
    """Texts, types and order; Flagger's recorder folds some, we send each (D37).

    A wait for the primary that is over before an interval has passed isn't told during the
    promotion (design: waits speak like ticks).
    """
    replay = replays[name]
    recorded: list[tuple[str, str]] = []
    for event in replay.recording["events"]:
        text = event["message"].removeprefix("(combined from similar events): ")
        # One entry each time that something failed; the rest are repetitions of every tick.
        times = event["count"] if text.startswith("Halt") else 1
        recorded += [(event["type"], text)] * times
    assert [_told(*event) for event in replay.events] == [_told(*event) for event in recorded]


def _told(kind: str, text: str) -> tuple[str, str]:
    """An event; which pods a wait waits for depends on when one looks."""
    before, waits, _ = text.partition(" not ready: waiting for rollout to finish")
    return kind, before + waits


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
    for key, recorded in replay.recording[when].items():
        if key.startswith("Canary/"):
            continue
        expected = normal(recorded)
        if key == "Deployment/app-primary":
            # D32: the annotations are filtered at creation as they are at a promotion.
            expected["metadata"]["annotations"].pop("owner", None)
        assert normal(ours[key]) == expected, key


@pytest.mark.parametrize("name", NAMES)
def test_same_status(replays: dict[str, Replay], name: str) -> None:
    """The status, less times, hashes (D8) and our own part."""
    replay = replays[name]
    ours = copy.deepcopy(replay.final["Canary/app"]["status"])
    recorded = copy.deepcopy(replay.recording["objectsFinal"]["Canary/app"]["status"])
    assert sorted(set(ours) - {"engine"}) == sorted({*recorded, "lastTransitionTime"})
    for status in (ours, recorded):
        for field in ("engine", "lastTransitionTime", "lastAppliedSpec", "lastPromotedSpec"):
            status.pop(field, None)
        for condition in status["conditions"]:
            condition.pop("lastTransitionTime", None)
            condition.pop("lastUpdateTime", None)
    assert ours == recorded


def normal(obj: dict[str, Any]) -> dict[str, Any]:
    """An object less what a cluster gives at random, and with the run's id made one."""
    found = copy.deepcopy(obj)
    meta = found["metadata"]
    for field in ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"):
        meta.pop(field, None)
    for reference in meta.get("ownerReferences", ()):
        reference.pop("uid", None)
    found.pop("status", None)
    found.pop("apiVersion", None)
    spec = found.get("spec") or {}
    for field in ("clusterIP", "clusterIPs"):
        spec.pop(field, None)
    template = spec.get("template") or {}
    annotations = (template.get("metadata") or {}).get("annotations") or {}
    if "flagger-id" in annotations:
        annotations["flagger-id"] = "of the run"
    return found


def test_the_stage_is_virtual() -> None:
    """A replay of minutes takes no minutes: nothing here depends on the clock."""

    async def day() -> float:
        await asyncio.sleep(86_400)
        return asyncio.get_running_loop().time()

    assert virtualtime.run(day()) == 86_400
