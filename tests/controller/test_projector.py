"""Carrying a projection out: one object at a time, vetted, each when its time has come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from canary import virtualtime
from canary.controller.memory import Expectation, Memory
from canary.controller.projector import Outcome, PromiseBroken
from canary.controller.writes import Apply, Delete, Patch, Write
from canary.kube.errors import ApiError
from canary.kube.resources import CANARIES, CONFIG_MAPS, CRDS, Key
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from tests.controller.executing import manifest
from tests.controller.looks import look
from tests.controller.projecting import Projecting
from tests.rig.definitions import own_crds
from tests.rig.manifests import setting

SEEN = look(Record(Stage.SUCCEEDED))


def made(name: str, intent: str = "meant", **parts: Any) -> Apply:
    """A write that makes an object."""
    key = Key("test", name)
    return Apply(CONFIG_MAPS, key, manifest=manifest("ConfigMap", name), intent=intent, **parts)


def projecting(
    play: Callable[[Projecting], Awaitable[None]],
) -> Callable[[pytest.MonkeyPatch], None]:
    async def begun(monkeypatch: pytest.MonkeyPatch) -> None:
        await play(Projecting(monkeypatch, SEEN))

    def test(monkeypatch: pytest.MonkeyPatch) -> None:
        virtualtime.run(begun(monkeypatch))

    return test


def there(engine: Projecting) -> list[str]:
    return [name for name in "abc" if engine.api.get(CONFIG_MAPS, name)]


@projecting
async def test_all_that_is_due_is_written_and_expected(engine: Projecting) -> None:
    assert await engine.does(made("a"), made("b")) == Outcome(wrote=True)
    assert there(engine) == ["a", "b"]
    versions = [engine.api.get(CONFIG_MAPS, n)["metadata"]["resourceVersion"] for n in "ab"]
    expected = [
        Expectation(CONFIG_MAPS, Key("test", n), v) for n, v in zip("ab", versions, strict=True)
    ]
    assert engine.memory.expects == expected
    assert await engine.does() == Outcome(wrote=False)


@projecting
async def test_a_lowered_route_is_written_alone(engine: Projecting) -> None:
    await engine.does(made("a"), made("b", routing=0), routes_only=True)
    assert there(engine) == ["b"]


@projecting
async def test_where_one_write_breaks_a_promise_none_is_sent(engine: Projecting) -> None:
    with pytest.raises(PromiseBroken, match="S1"):
        await engine.does(made("a"), made("b", routing=101))
    assert there(engine) == []


@projecting
async def test_a_refused_write_ends_it(engine: Projecting) -> None:
    gone = Patch(CONFIG_MAPS, Key("test", "b"), "u", "1")
    with pytest.raises(ApiError):
        await engine.does(made("a"), gone, made("c"))
    assert there(engine) == ["a"]


@projecting
async def test_what_goes_on_waits_until_proxies_know_of_what_began(engine: Projecting) -> None:
    waiting, memory = made("a", waits=True), engine.memory
    await asyncio.sleep(10)
    assert await engine.does(waiting) == Outcome(wrote=False)
    memory.taken = ("route", 9.0)
    assert await engine.does(made("b"), waiting) == Outcome(wrote=True, wake_at=11.0)
    assert await engine.does(waiting, made("c")) == Outcome(wrote=True, wake_at=11.0)
    assert there(engine) == ["b", "c"]
    await asyncio.sleep(0.5)
    assert await engine.does(waiting) == Outcome(wrote=False, wake_at=11.0)
    await asyncio.sleep(0.5)
    assert await engine.does(waiting) == Outcome(wrote=True)
    assert there(engine) == ["a", "b", "c"]


@projecting
async def test_what_is_contested_waits_and_all_else_does_not(engine: Projecting) -> None:
    for _ in range(6):
        await engine.does(made("a"))
        await engine.user_deletes("a")
    # It was corrected five times, at once.
    assert await engine.does(made("a")) == Outcome(wrote=False, wake_at=30.0)
    assert await engine.does(made("a"), made("b")) == Outcome(wrote=True, wake_at=30.0)
    assert await engine.does(made("c"), made("a")) == Outcome(wrote=True, wake_at=30.0)
    engine.memory.taken = ("route", 0.0)
    first = await engine.does(made("a"), made("d", waits=True))
    assert first == Outcome(wrote=False, wake_at=2.0)
    assert there(engine) == ["b", "c"]
    # A new intent is no contest.
    assert await engine.does(made("a", "another")) == Outcome(wrote=True)
    await engine.user_deletes("a")
    await asyncio.sleep(30)
    assert await engine.does(made("a")) == Outcome(wrote=True)


async def a_canary(engine: Projecting) -> dict[str, Any]:
    for crd in own_crds():
        await engine.api.user.create(CRDS, crd)
    obj = setting()[-1]
    obj["metadata"]["finalizers"] = ["others", "finalizer.flagger.app"]
    return await engine.api.user.create(CANARIES, obj)


def finalizers(engine: Projecting) -> list[str]:
    return list(engine.api.get(CANARIES)["metadata"].get("finalizers", ()))


@projecting
async def test_a_canary_is_patched_on_the_version_that_its_status_has(engine: Projecting) -> None:
    meta, key = (await a_canary(engine))["metadata"], Key("test", "podinfo")
    none = ({"op": "remove", "path": "/metadata/finalizers"},)
    write = Patch(CANARIES, key, meta["uid"], meta["resourceVersion"], operations=none)
    status = Expectation(CANARIES, key, "9999")
    engine.memory.expects = [status]
    assert await engine.does(write, made("a")) == Outcome(wrote=True)
    assert (there(engine), len(finalizers(engine))) == (["a"], 2)
    engine.memory.expects = [Expectation(CONFIG_MAPS, key, "9999")]
    assert await engine.does(write) == Outcome(wrote=True)
    assert finalizers(engine) == []


@projecting
async def test_a_canary_that_is_let_go_keeps_what_others_hold_it_by(engine: Projecting) -> None:
    obj = await a_canary(engine)
    await engine.projector.let_go(obj, engine.memory)
    assert finalizers(engine) == ["others"]
    assert engine.memory.expects_any(CANARIES)
    engine.memory = Memory()
    await engine.projector.let_go(engine.api.get(CANARIES), engine.memory)
    assert engine.memory.expects == []


@projecting
async def test_only_what_was_meant_before_is_drift(engine: Projecting) -> None:
    def anew(intent: str) -> Write:
        return made("a", intent)

    for write in (anew("one"), anew("two"), anew(""), anew("")):
        await engine.does(write)
        await engine.user_deletes("a")
    assert engine.told() == []
    await engine.does(anew("two"))
    assert engine.told() == ["ConfigMap a.test was deleted by somebody: put right"]


@projecting
async def test_what_the_engine_itself_deleted_is_no_drift(engine: Projecting) -> None:
    await engine.does(made("a"))
    uid = engine.api.get(CONFIG_MAPS, "a")["metadata"]["uid"]
    await engine.does(Delete(CONFIG_MAPS, Key("test", "a"), uid))
    assert there(engine) == []
    assert len(engine.memory.expects) == 1
    await engine.does(made("a"))
    assert engine.told() == []


@projecting
async def test_the_next_part_of_a_switch_is_no_drift(engine: Projecting) -> None:
    engine.memory.taken = ("route", -2.0)
    await engine.does(made("a"))
    await engine.user_deletes("a")
    await engine.does(made("a", waits=True))
    assert engine.told() == []


@projecting
async def test_each_correction_is_told_and_counted(engine: Projecting) -> None:
    await engine.does(made("a"))
    for _ in range(2):
        await engine.user_deletes("a")
        await asyncio.sleep(1)
        await engine.does(made("a"))
    assert engine.told() == ["ConfigMap a.test was deleted by somebody: put right"] * 2
    assert engine.counted("ConfigMap") == 2
