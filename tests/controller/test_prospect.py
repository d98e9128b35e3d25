"""What a takeover would come to, Canary by Canary: the reasons not to go on, and who wrote last."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from gathered import Look, looks

from canary.api.annotations import INTENT
from canary.clock import rfc3339
from canary.controller.prospect import Fate, Prospect, Prospector, Writer, writer
from canary.kube.resources import CANARIES
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from canary.rollout.status import present
from tests.rig.manifests import setting
from tests.rig.stage import ORIGIN

FLAGGER = "flagger"


async def foreseen(
    look: Look, status: dict[str, Any] | None = None, seconds: float = 300.0, **spec: Any
) -> Prospect:
    """What comes of the Canary of the setting, whose status Flagger wrote so long ago; nothing of
    it but the target is there."""
    await look.sees(*setting(spec=spec))
    return await again(look, status, seconds)


async def again(look: Look, status: dict[str, Any] | None, seconds: float) -> Prospect:
    """As ``foreseen``, in the cluster that there is."""
    return await of(look, look.stage.get(CANARIES, "podinfo"), status, seconds)


async def of(
    look: Look, obj: dict[str, Any], status: dict[str, Any] | None, seconds: float
) -> Prospect:
    """What comes of ``obj``, were its status this one."""
    if status is not None:
        at = rfc3339(look.stage.clock.now() - timedelta(seconds=seconds))
        fields = [{"manager": FLAGGER, "subresource": "status", "time": at}]
        obj = {**obj, "status": status, "metadata": {**obj["metadata"], "managedFields": fields}}
    return await prospector(look).prospect(obj)


async def _fates(look: Look, *left: Any) -> tuple[Fate, Fate | None]:
    found = await of(look, *left)
    return found.fate, found.then


def prospector(look: Look) -> Prospector:
    return Prospector(look.client, look.gatherer, look.settings, look.stage.clock)


def ours(adoptions: int = 0, **changes: Any) -> dict[str, Any]:
    """A status of this engine's, with what another controller has changed in it."""
    record = Record(Stage.SUCCEEDED, adoptions=adoptions)
    return {**present(record, "Deployment", {}, ORIGIN), **changes}


@looks()
async def test_a_status_that_cannot_be_read_is_left_alone_for_good(look: Look) -> None:
    status = {"phase": "Succeeded", "engine": {"version": 99}}
    found = await foreseen(look, status)
    assert (found.fate, found.writer.manager) == (Fate.HELD, FLAGGER)
    assert found.reason.endswith("another engine runs this Canary")
    assert (await again(look, status, 1.0)).reason == found.reason


@looks()
async def test_only_a_status_that_nobody_else_has_written_is_run_by_us(look: Look) -> None:
    """A foreign one is imported once its writer is silent, however often that has been done."""
    assert (await foreseen(look, ours())).fate is Fate.RUNS
    for adoptions in (0, 2):
        status = ours(adoptions, phase="Initializing")
        found = await again(look, status, 300.0)
        assert (found.fate, found.reason) == (Fate.INITIALIZES, "phase Initializing")
        found = await again(look, status, 5.0)
        assert (found.fate, found.then) == (Fate.HELD, Fate.INITIALIZES)


@looks()
async def test_whoever_wrote_two_intervals_ago_has_stopped(look: Look) -> None:
    status = {"phase": "Initializing"}
    found = await foreseen(look, status, 119.0)
    text = "flagger wrote its status 119 s ago: stop it"
    assert (found.fate, found.reason, found.then) == (Fate.HELD, text, Fate.INITIALIZES)
    found = await again(look, status, 120.0)
    assert (found.fate, found.then, found.writer.manager) == (Fate.INITIALIZES, None, FLAGGER)


@looks()
async def test_a_spec_that_cannot_be_read_is_refused(look: Look) -> None:
    await look.sees(*setting())
    obj = look.stage.get(CANARIES, "podinfo")
    spec = {**obj["spec"], "service": {"port": 9898.5}}
    found = await prospector(look).prospect({**obj, "spec": spec})
    assert found.fate is Fate.REFUSED
    assert found.reason.startswith("invalid canary spec: ")


@looks(no_cross_namespace_refs=True)
async def test_what_the_engine_is_told_to_refuse_is_refused(look: Look) -> None:
    ref = {"name": "latency", "namespace": "other"}
    metric = {"name": "latency", "interval": "1m", "templateRef": ref}
    found = await foreseen(look, analysis={"metrics": [metric]})
    assert (found.fate, found.field) == (Fate.REFUSED, "")
    assert "cross-namespace" in found.reason


@looks()
async def test_what_has_not_been_seen_is_not_guessed(look: Look) -> None:
    await look.stage.up()
    await look.stage.apply(*setting())
    found = await again(look, {"phase": "Succeeded"}, 300.0)
    assert (found.fate, found.reason) == (Fate.HELD, "not synced yet")


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (None, "no controller has looked at it yet"),
        ({}, "no controller has looked at it yet"),
        ({"phase": "Initializing"}, "phase Initializing"),
        ({"phase": "Terminated"}, "phase Terminated"),
        ({"phase": "Progressing"}, "phase Progressing, but the primary isn't there"),
    ],
)
def test_why_there_is_nothing_to_take_over(status: dict[str, Any] | None, reason: str) -> None:
    @looks()
    async def play(look: Look) -> None:
        found = await foreseen(look, status)
        assert (found.fate, found.reason) == (Fate.INITIALIZES, reason)

    play()


@looks()
async def test_what_is_being_deleted_is_rolled_out_no_more(look: Look) -> None:
    """Neither does its rollout go on, nor is anything initialised, though its target be gone."""
    await look.sees(setting()[-1])
    obj = look.stage.get(CANARIES, "podinfo")
    leaving = {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["other.example/hold"]}
    for phase in ("Initializing", "Progressing", "Succeeded", "Terminating", "Terminated"):
        status = {"phase": phase}
        gone = {**obj, "metadata": {**obj["metadata"], **leaving}}
        assert await _fates(look, gone, status, 300.0) == (Fate.LEAVES, None)
        assert await _fates(look, gone, status, 5.0) == (Fate.HELD, Fate.LEAVES)


@looks()
async def test_a_request_does_not_hide_that_a_canary_is_suspended(look: Look) -> None:
    await look.sees(*setting(spec={"suspend": True}))
    for asked in ({}, {INTENT: "abort"}):
        await look.stage.patch(CANARIES, "podinfo", {"metadata": {"annotations": asked}})
        found = await again(look, None, 0.0)
        assert (found.fate, found.reason) == (Fate.HELD, "suspended")


def test_the_last_writer_of_the_status_is_another_controller() -> None:
    def entry(manager: str, hour: int, subresource: str = "status", **more: Any) -> dict[str, Any]:
        time = f"2026-01-01T{hour:02}:00:00Z"
        return {"manager": manager, "subresource": subresource, "time": time, **more}

    def found(*entries: dict[str, Any]) -> Writer | None:
        return writer({"metadata": {"managedFields": list(entries)}})

    flagger, other = entry(FLAGGER, 1), entry("other", 2)
    assert found(flagger, other) == found(other, flagger)
    assert found(flagger, other) == Writer("other", ORIGIN + timedelta(hours=2))
    ignored = (
        entry("canary-engine", 3),
        entry("kubectl", 4, subresource=""),
        entry("argo", 5, time=None),
    )
    assert found(flagger, *ignored) == Writer(FLAGGER, ORIGIN + timedelta(hours=1))
    assert found(*ignored) is found() is writer({"metadata": {}}) is None
