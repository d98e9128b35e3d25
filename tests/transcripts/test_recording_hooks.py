"""The recording with a webhook of each type: what receivers got of Flagger 1.44, and of us."""

from __future__ import annotations

import copy
from collections import defaultdict
from typing import Any

import pytest

from canary import virtualtime
from tests.rig.receiver import Receivers
from tests.rig.stage import Stage, resource_of
from tests.transcripts import recorded
from tests.transcripts.timeline import Recorder

NAME = "hooks-all"
TRAFFIC = "Halt app.hooks-all advancement waiting for traffic increase"

# An event carries the phase, and the revision, that it reports: webhooks 8.15. Flagger sends those
# from before the transition.
LATER = {
    "Halt app.hooks-all advancement waiting for approval": "Waiting",
    "Halt app.hooks-all advancement waiting for promotion": "WaitingPromotion",
    "Copying": "Promoting",
    "Routing": "Finalising",
}
STARTS = (
    "Confirm-rollout check confirm-rollout-hook passed",
    "New revision detected! Scaling up app.hooks-all",
)


class Answers(Receivers):
    """Receivers that answer, hook by hook, as those of the recording did."""

    def __init__(self, calls: list[dict[str, Any]]) -> None:
        super().__init__()
        self._codes = defaultdict(list)
        for call in calls:
            self._codes[f"{call['hook']}-hook"].append(call["code"])

    async def __call__(self, hook, payload, key):
        codes = self._codes[hook.name]
        said = "POST giving up after 1 attempt(s)"
        self.answers[hook.name] = (codes.pop(0) if codes else 200, said)
        return await super().__call__(hook, payload, key)


class Replay:
    """The recording, played on our stage."""

    def __init__(self) -> None:
        self.recording = recorded.load(NAME)
        self.receivers = Answers(self.recording["hookCalls"])
        self.states: list[tuple[Any, ...]] = []
        self.final: dict[str, Any] = {}
        self.queries: list[str] = []

    async def play(self) -> Replay:
        stage = Stage(receivers=self.receivers)
        try:
            await stage.up(namespaces=(NAME,))
            await stage.apply(*self.recording["applied"])
            stage.start()
            await stage.until(lambda: stage.phase("app", NAME) == "Initialized")
            await stage.rest(8)
            stage.prometheus.queries.clear()
            (trigger,) = self.recording["trigger"]
            await stage.set_image(trigger["image"], "app", NAME)
            await stage.until(lambda: stage.phase("app", NAME) == "Succeeded")
            await stage.rest(20)
            self.queries = stage.prometheus.queries
            recorder = Recorder("app", NAME, "app")
            recorder.take(stage.history())
            self.states = [
                (r.phase, r.weight, r.iterations, r.failed, r.split) for r in recorder.finish()
            ]
            for key in self.recording["objectsFinal"]:
                kind, name = key.split("/")
                manifest = {"apiVersion": recorded.api_version(kind), "kind": kind}
                self.final[key] = stage.get(resource_of(manifest), name, NAME)
        finally:
            await stage.down()
        return self

    def calls(self, *, events: bool) -> list[tuple[str, int, dict[str, Any]]]:
        """Our calls of event hooks, or of all others."""
        found = []
        for call in self.receivers.calls:
            payload = copy.deepcopy(dict(call.payload))
            if (call.hook == "event-hook") is events:
                stamp = payload["metadata"].pop("timestamp", "0")
                assert stamp.isdigit()
                found.append((call.hook, call.status, payload))
        return found

    def theirs(self, *, events: bool) -> list[tuple[str, int, dict[str, Any]]]:
        """Those of the recording."""
        return [
            (f"{call['hook']}-hook", call["code"], copy.deepcopy(call["payload"]))
            for call in self.recording["hookCalls"]
            if (call["hook"] == "event") is events
        ]


@pytest.fixture(scope="module")
def replay() -> Replay:
    return virtualtime.run(Replay().play())


def numbered(calls: list[tuple[str, int, dict[str, Any]]]) -> list[tuple[str, int, dict[str, Any]]]:
    """The calls with checksums by order of appearance: revisions are hashed otherwise (D8)."""
    seen: dict[str, str] = {}
    for _, _, payload in calls:
        payload["checksum"] = seen.setdefault(payload["checksum"], f"revision {len(seen)}")
    return calls


def text(call: tuple[str, int, dict[str, Any]]) -> str:
    found: str = call[2]["metadata"].get("eventMessage", "")
    return found


def test_same_gates(replay: Replay) -> None:
    """Types, order, answers, payloads and phases. The pre-rollout hook isn't called again while
    only the gate behind it is closed (webhooks 8.6)."""
    theirs = replay.theirs(events=False)
    first = next(i for i, call in enumerate(theirs) if call[0] == "pre-rollout-hook")
    expected = theirs[: first + 1]
    expected += [call for call in theirs[first + 1 :] if call[0] != "pre-rollout-hook"]
    assert numbered(replay.calls(events=False)) == numbered(expected)


def test_same_events(replay: Replay) -> None:
    """Texts, types, phases and checksums of everything that was told, in its order."""
    expected, once = [], set()
    for call in replay.theirs(events=True):
        said = text(call)
        # 8.6 and 8.5: nothing is told twice while a gate waits; analysis 12.25: the probe, too.
        waits = said.startswith(("Starting", "Pre-rollout", TRAFFIC, "all the metrics"))
        if waits and said in once:
            continue
        once.add(said)
        later = next((phase for start, phase in LATER.items() if said.startswith(start)), None)
        call[2]["phase"] = later or call[2]["phase"]
        expected.append(call)
    ours = replay.calls(events=True)
    assert [text(call) for call in ours] == [text(call) for call in expected]
    for mine, other in zip(numbered(ours), numbered(expected), strict=True):
        if text(mine) in STARTS:
            assert mine[2].pop("checksum") == "revision 2"
            assert other[2].pop("checksum") == "revision 1"
        assert mine == other


def test_a_checksum_before_any_revision_is_flaggers(replay: Replay) -> None:
    first, *_ = replay.receivers.of("event-hook")
    assert first.payload["checksum"] == "758df7c9fc"


def test_each_poll_has_a_key_of_its_own(replay: Replay) -> None:
    """S10: no two calls of one hook share an idempotency key."""
    keys = [call.key for call in replay.receivers.calls]
    assert len(set(keys)) == len(keys)


def test_same_states(replay: Replay) -> None:
    """Phases and splits, with the weight and the iterations of record (D17)."""
    ours = [state for state in replay.states if state[0] != "Initializing"]
    assert ours == recorded.states(replay.recording)


def test_same_queries(replay: Replay) -> None:
    counts = {query: replay.queries.count(query) for query in set(replay.queries)}
    assert counts == replay.recording["metricQueries"]


def test_same_objects_and_status(replay: Replay) -> None:
    for key, obj in replay.recording["objectsFinal"].items():
        ours = replay.final[key]
        if key.startswith("Canary/"):
            assert recorded.status_of(ours) == recorded.status_of(obj)
        else:
            assert recorded.normal(ours) == recorded.expected(key, obj), key
