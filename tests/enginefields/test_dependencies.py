"""``spec.engine.dependsOn``, as users of a cluster see it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from canary import virtualtime
from canary.controller.settings import Settings
from canary.kube.resources import CANARIES, DEPLOYMENTS, Key
from tests.enginefields.fleet import member
from tests.rig.stage import Stage

Play = Callable[[Stage], Awaitable[None]]


def on_stage(play: Play, **parts: Any) -> None:
    async def run() -> None:
        stage = Stage(**parts)
        try:
            await play(stage)
        finally:
            await stage.down()

    virtualtime.run(run())


async def ready(stage: Stage, **needs: list[dict[str, str]]) -> None:
    """Canaries by these names that are initialized; each depends on what is listed."""
    await stage.up(namespaces=("test", "base"))
    for name, depends in needs.items():
        spec = {"engine": {"dependsOn": depends}} if depends else None
        await stage.apply(*member(name, spec=spec))
    stage.start()
    await stage.until(lambda: all(stage.phase(name) == "Initialized" for name in needs))
    await stage.rest(30)


async def release(stage: Stage, *names: str, tag: str = "2.0.0") -> None:
    for name in names:
        await stage.set_image(f"{name}:{tag}", name)


def blocked(stage: Stage, name: str) -> tuple[str, str]:
    """Reason and message of the condition ``Blocked``; empty texts without one."""
    found = stage.status(name).get("conditions") or ()
    shown = [(c["reason"], c["message"]) for c in found if c["type"] == "Blocked"]
    return shown[0] if shown else ("", "")


def told(stage: Stage, part: str) -> list[tuple[str, str]]:
    return [event for event in stage.events() if part in event[1]]


def test_a_run_waits_until_the_other_is_promoted() -> None:
    async def play(stage: Stage) -> None:
        await ready(stage, back=[], front=[{"name": "back"}])
        await release(stage, "back", "front")
        await stage.until(lambda: stage.phase("back") == "Progressing")
        await stage.rest(20)
        assert stage.phase("front") == "Initialized"
        await stage.until(lambda: stage.phase("back") == "Succeeded")
        # Nothing is polled: the end of the one wakes the other.
        await stage.rest(1)
        assert stage.phase("front") == "Progressing"
        await stage.until(lambda: stage.phase("front") == "Succeeded")
        text = "Rollout of front.test waits until canary back.test is at rest and promoted"
        assert told(stage, "waits until") == [("Normal", text)]
        assert blocked(stage, "front") == ("", "")

    on_stage(play)


def test_a_chain_goes_in_its_order_when_all_change_before_anybody_looks() -> None:
    async def play(stage: Stage) -> None:
        await ready(stage, base=[], back=[{"name": "base"}], front=[{"name": "back"}])
        await stage.stop()
        await release(stage, "front", "back", "base")
        stage.history()
        stage.start()
        await stage.until(lambda: stage.phase("front") == "Succeeded")
        order: list[str] = []
        for change in stage.history():
            phase = (change.obj.get("status") or {}).get("phase")
            if change.resource == CANARIES and phase in ("Progressing", "Succeeded"):
                state = f"{change.key.name} {phase}"
                order += [state] if state not in order else []
        assert order == [
            f"{name} {phase}"
            for name in ("base", "back", "front")
            for phase in ("Progressing", "Succeeded")
        ]

    on_stage(play)


def test_a_failed_one_is_waited_for_until_it_is_mended() -> None:
    async def play(stage: Stage) -> None:
        await ready(stage, back=[], front=[{"name": "back"}])
        stage.prometheus.value = 50.0
        await release(stage, "back")
        await stage.until(lambda: stage.phase("back") == "Failed")
        stage.prometheus.value = 100.0
        await release(stage, "front")
        await stage.rest(600)
        assert stage.phase("front") == "Initialized"
        await release(stage, "back", tag="3.0.0")
        await stage.until(lambda: stage.phase("front") == "Succeeded")

    on_stage(play)


def test_a_revert_of_what_it_waits_for_lets_it_start() -> None:
    async def play(stage: Stage) -> None:
        await ready(stage, back=[], front=[{"name": "back"}])
        await stage.stop()
        # Its primary is ill, so that its new revision stays pending.
        stage.cluster.deployments.set_ready(Key("test", "back-primary"), 0)
        await release(stage, "back", "front")
        stage.start()
        await stage.rest(120)
        assert (stage.phase("back"), stage.phase("front")) == ("Initialized", "Initialized")
        await release(stage, "back", tag="1.0.0")
        await stage.rest(2)
        assert stage.phase("front") == "Progressing"

    on_stage(play)


def test_one_that_does_not_exist_is_named_until_it_does() -> None:
    async def play(stage: Stage) -> None:
        await ready(stage, front=[{"name": "db", "namespace": "base"}])
        await release(stage, "front")
        await stage.rest(5)
        text = (
            "spec.engine.dependsOn[0]: Canary db.base does not exist: "
            "create it, or remove the entry"
        )
        assert blocked(stage, "front") == ("DependencyMissing", text)
        await stage.rest(600)
        assert told(stage, "dependsOn") == [("Warning", text)]
        await stage.apply(*member("db", "base"))
        await stage.until(lambda: stage.phase("front") == "Succeeded")
        assert blocked(stage, "front") == ("", "")
        assert stage.phase("db", "base") == "Initialized"

    on_stage(play)


def test_what_is_missing_does_not_touch_a_canary_at_rest() -> None:
    async def play(stage: Stage) -> None:
        await ready(stage, front=[{"name": "db"}])
        assert blocked(stage, "front") == ("", "")
        # The primary is still looked after.
        await stage.set_image("front:evil", "front-primary")
        await stage.rest(5)
        primary = stage.get(DEPLOYMENTS, "front-primary")
        assert primary["spec"]["template"]["spec"]["containers"][0]["image"] == "front:1.0.0"

    on_stage(play)


def test_a_circle_is_named_at_each_of_its_members_and_mended_by_one() -> None:
    async def play(stage: Stage) -> None:
        await ready(stage, a=[{"name": "b"}], b=[{"name": "c"}], c=[{"name": "a"}])
        await release(stage, "a", "b", "c")
        await stage.rest(5)
        circles = {name: blocked(stage, name) for name in "abc"}
        assert {reason for reason, _ in circles.values()} == {"DependencyCycle"}
        assert circles["b"][1] == (
            "spec.engine.dependsOn[0]: b.test -> c.test -> a.test -> b.test is a circle: "
            "remove one of its entries"
        )
        await stage.patch(CANARIES, "c", {"spec": {"engine": {"dependsOn": []}}})
        await stage.until(lambda: all(stage.phase(name) == "Succeeded" for name in "abc"))

    on_stage(play)


def test_one_that_depends_on_itself_is_a_circle() -> None:
    async def play(stage: Stage) -> None:
        await ready(stage, a=[{"name": "a"}])
        await release(stage, "a")
        await stage.rest(5)
        reason, text = blocked(stage, "a")
        assert reason == "DependencyCycle"
        assert "a.test -> a.test" in text

    on_stage(play)


@pytest.mark.parametrize(
    ("settings", "reason", "text"),
    [
        (
            Settings(no_cross_namespace_refs=True),
            "InvalidSpec",
            "invalid canary spec: can't access canary db.base, "
            "cross-namespace references are blocked",
        ),
        (
            Settings(namespaces=("test",)),
            "DependencyUnwatched",
            "spec.engine.dependsOn[0]: the namespace of Canary db.base is not watched: "
            "add it to -namespace",
        ),
    ],
    ids=["blocked", "unwatched"],
)
def test_another_namespace_that_may_not_be_looked_at(
    settings: Settings, reason: str, text: str
) -> None:
    async def play(stage: Stage) -> None:
        await ready(stage, front=[])
        depends = [{"name": "db", "namespace": "base"}]
        await stage.patch(CANARIES, "front", {"spec": {"engine": {"dependsOn": depends}}})
        await release(stage, "front")
        await stage.rest(5)
        assert blocked(stage, "front") == (reason, text)
        assert stage.phase("front") == "Initialized"

    on_stage(play, settings=settings)


def test_a_run_in_flight_goes_on_whatever_becomes_of_the_other() -> None:
    async def play(stage: Stage) -> None:
        await ready(stage, back=[], front=[{"name": "back"}])
        await release(stage, "front")
        await stage.until(lambda: stage.phase("front") == "Progressing")
        await release(stage, "back")
        await stage.until(lambda: stage.phase("front") == "Succeeded")

    on_stage(play)
