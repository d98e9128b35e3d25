"""The recordings of Flagger 1.44 on a real API server: same objects, same sequences, same words."""

from __future__ import annotations

from typing import Any

from e2e.answers import PASSES, Answers
from e2e.differences import differences
from e2e.replay import ENDS, NAME, Replay
from e2e.scene import Scene
from e2e.suite import scenario
from tests.transcripts import recorded
from tests.transcripts.test_recording_hooks import numbered


async def as_recorded(scene: Scene) -> None:
    """Play the recording that the namespace is named after."""
    name = scene.namespace
    # The recording's server answered 50 from the second check on.
    values = (PASSES, 50.0) if name == "gw-fail" else ()
    async with Answers(*values, hooks=recorded.load(name)["hookCalls"]) as answers:
        replay = Replay(scene, name, answers)
        await replay.apply()
        engine = await scene.own_engine(more=[f"-metrics-server={answers.address}"])
        await engine.start(scene.client)
        await replay.initialized()
        _same_objects(
            scene, replay, "objectsInitialized", await replay.objects("objectsInitialized")
        )
        await replay.trigger()
        await replay.until(*ENDS)
        await replay.at_rest()
        final = await replay.objects("objectsFinal")
    assert replay.states == recorded.states(replay.recording)
    called = replay.recording["hookCalls"]
    if called:
        assert numbered(_gates(answers.calls)) == numbered(_gates(_calls(called)))
        told = f"{len(_gates(answers.calls))} calls of webhooks"
    else:
        _same_events(_told(replay.events), _told(recorded.events(replay.recording)), name)
        told = f"{len(replay.events)} events"
    assert replay.queries == replay.recording["metricQueries"]
    _same_objects(scene, replay, "objectsFinal", final)
    theirs = recorded.status_of(replay.recording["objectsFinal"]["Canary/app"])
    assert recorded.status_of(final["Canary/app"]) == theirs
    scene.say(f"{len(replay.states)} states and {told} as recorded")


Call = tuple[str, int, dict[str, Any]]


def _calls(recording: list[dict[str, Any]]) -> list[Call]:
    return [(call["hook"], call["code"], call["payload"]) for call in recording]


def _gates(calls: list[Call]) -> list[Call]:
    """All but event hooks, which tell what transcripts compare; the pre-rollout hook isn't called
    again while only the gate behind it is closed (webhooks 8.6)."""
    found = [(hook, code, dict(payload)) for hook, code, payload in calls if hook != "event"]
    first = next(i for i, call in enumerate(found) if call[0] == "pre-rollout")
    return [call for i, call in enumerate(found) if i <= first or call[0] != "pre-rollout"]


def _told(events: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [recorded.told(*event) for event in events]


def _same_events(
    ours: list[tuple[str, str]], theirs: list[tuple[str, str]], namespace: str
) -> None:
    """Raise for a difference. On a loaded machine the primary's first pods are ready before anybody
    looks: then nobody tells that they are waited for. Transcripts ask for that, in virtual time."""
    wait = ("Warning", f"{NAME}-primary.{namespace}{recorded.WAIT}")
    assert wait in theirs
    assert ours == [event for event in theirs if event != wait or wait in ours]


def _same_objects(scene: Scene, replay: Replay, when: str, ours: dict[str, Any]) -> None:
    """Print every difference; raise for one that is not explained."""
    found = []
    for key, theirs in replay.recording[when].items():
        if not key.startswith("Canary/"):
            found += differences(key, recorded.normal(theirs), recorded.normal(ours[key]))
    for one in found:
        scene.say(f"{when}: {one}")
    scene.say(f"{when}: {len(ours)} objects, {len(found)} differences")
    assert [str(one) for one in found if not one.why] == []


@scenario("contour", own_engine=True)
async def test_gw_happy(scene: Scene) -> None:
    """A good image by Gateway API."""
    await as_recorded(scene)


@scenario("contour", own_engine=True)
async def test_gw_fail(scene: Scene) -> None:
    """A bad image by Gateway API."""
    await as_recorded(scene)


@scenario("contour", own_engine=True)
async def test_config_change(scene: Scene) -> None:
    """A change of a ConfigMap alone."""
    await as_recorded(scene)


@scenario("istiod", own_engine=True)
async def test_istio_happy(scene: Scene) -> None:
    """A good image by Istio."""
    await as_recorded(scene)


@scenario("contour", own_engine=True)
async def test_hpa(scene: Scene) -> None:
    """With an autoscaler, and a primary one."""
    await as_recorded(scene)


@scenario(own_engine=True)
async def test_nginx_happy(scene: Scene) -> None:
    """A good image by the annotations of an Ingress."""
    await as_recorded(scene)


@scenario(own_engine=True)
async def test_k8s_bluegreen(scene: Scene) -> None:
    """Iterations beside the users, without a route."""
    await as_recorded(scene)


@scenario("istiod", own_engine=True)
async def test_istio_ab(scene: Scene) -> None:
    """An A/B test by headers and cookies."""
    await as_recorded(scene)


@scenario("contour", own_engine=True)
async def test_gw_affinity(scene: Scene) -> None:
    """Users who have met the canary stay with it."""
    await as_recorded(scene)


@scenario("contour", own_engine=True)
async def test_hooks_all(scene: Scene) -> None:
    """A webhook of each type: types, order, answers and payloads."""
    await as_recorded(scene)


def test_every_recording_is_replayed() -> None:
    replayed = {name.removeprefix("test_").replace("_", "-") for name in globals()}
    assert {file.stem for file in recorded.DATA.glob("*.json")} <= replayed
