"""Specs and records that this process can't read: said on the object, and nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest

from canary.kube.resources import CANARIES, SERVICES, Key
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from canary.rollout.status import present
from tests.badinput.test_specs import condition, slip_in
from tests.rig.manifests import setting
from tests.rig.stage import ORIGIN
from tests.rig.staged import staged
from tests.transcripts.script import Script

FINALIZERS = {"metadata": {"finalizers": ["finalizer.flagger.app"]}}


def spec(script: Script, **analysis: Any) -> None:
    """An edit that is stored, although today's CRD would refuse it if it can't be read."""
    stored = script.stage.get(CANARIES, "podinfo")["spec"]
    slip_in(script, {**stored, "analysis": {**stored["analysis"], **analysis}})


def blocked(script: Script) -> str:
    """Why the Canary isn't run."""
    return str(condition(script).get("message", ""))


async def begins(script: Script) -> None:
    """A Canary that can't be read, and no engine yet."""
    await script.stage.up()
    await script.stage.apply(*setting())
    spec(script, threshold="three")


@staged()
async def test_what_never_ran_is_told_and_can_be_deleted(script: Script) -> None:
    """There is nothing to give back: a finalizer of another engine holds it up no longer."""
    stage = script.stage
    await begins(script)
    stage.start()
    await stage.rest(10)
    assert "spec.analysis.threshold" in blocked(script)
    assert stage.get(SERVICES, "podinfo-primary") is None
    await stage.patch(CANARIES, "podinfo", FINALIZERS)
    await stage.delete(CANARIES, "podinfo")
    assert stage.get(CANARIES, "podinfo") is not None
    await stage.rest(10)
    assert stage.get(CANARIES, "podinfo") is None


@staged()
async def test_a_run_is_kept_by_a_process_that_can_not_read_its_spec(script: Script) -> None:
    stage = script.stage
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    await stage.stop()
    spec(script, threshold="three")
    before = stage.status()["engine"]["run"]
    stage.start()
    await stage.rest(200)
    assert (stage.phase(), stage.status()["canaryWeight"]) == ("Progressing", 20)
    assert stage.status()["engine"]["run"] == before
    assert "spec.analysis.threshold" in blocked(script)
    spec(script, threshold=3)
    await script.reaches("Succeeded")


@staged()
async def test_what_could_not_be_read_changes_nothing_else_either(script: Script) -> None:
    """The rest of such an edit waits, too: it was never looked at as a whole."""
    stage = script.stage
    await script.initialized()
    ports = stage.get(SERVICES, "podinfo-primary")["spec"]["ports"]
    await stage.patch(CANARIES, "podinfo", {"spec": {"service": {"port": 9898}}})
    storage, key = stage.cluster.server.storage, Key("test", "podinfo")
    obj = storage.get(CANARIES, key)
    storage.put(CANARIES, key, {**obj, "spec": {**obj["spec"], "service": {"port": 8080}}})
    spec(script, threshold="three")
    await stage.rest(60)
    assert stage.get(SERVICES, "podinfo-primary")["spec"]["ports"] == ports
    assert "spec.analysis.threshold" in blocked(script)
    spec(script, threshold=3)
    await stage.rest(60)
    assert stage.get(SERVICES, "podinfo-primary")["spec"]["ports"][0]["port"] == 8080
    assert blocked(script) == ""


STATUSES: dict[str, dict[str, Any]] = {
    "Flagger's": {"phase": "Initialized"},
    "ours": present(Record(Stage.INITIALIZED, seq=7, runs=3), "Deployment", {}, ORIGIN),
    "ours, changed": {
        **present(Record(Stage.INITIALIZED, seq=7, runs=3), "Deployment", {}, ORIGIN),
        "phase": "Succeeded",
    },
}


@pytest.mark.parametrize("whose", STATUSES)
def test_what_is_on_record_stays_while_the_spec_can_not_be_read(whose: str) -> None:
    """Numbers of runs are never given twice: hooks know their calls by them."""

    @staged()
    async def play(script: Script) -> None:
        stage = script.stage
        await begins(script)
        live = stage.get(CANARIES, "podinfo")
        body = {**live, "status": STATUSES[whose]}
        storage = stage.cluster.server.storage
        storage.put(CANARIES, Key("test", "podinfo"), body)
        stage.start()
        await stage.rest(10)
        assert "spec.analysis.threshold" in blocked(script)
        engine = stage.status()["engine"]
        assert engine.get("runs", 0) == STATUSES[whose].get("engine", {}).get("runs", 0)

    play()


@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.parametrize("damaged", [True, False])
def test_a_record_that_can_not_be_read_is_never_written(readable: bool, damaged: bool) -> None:
    """It is another engine's, or one that a person has to look at: however long it is silent."""

    @staged()
    async def play(script: Script) -> None:
        stage = script.stage
        await begins(script)
        if readable:
            spec(script, threshold=3)
        live = stage.get(CANARIES, "podinfo")
        status = {"phase": "Progressing", "engine": {"version": 1 if damaged else 99}}
        storage = stage.cluster.server.storage
        storage.put(CANARIES, Key("test", "podinfo"), {**live, "status": status})
        stage.start()
        await stage.rest(1000)
        assert stage.status() == status
        assert stage.get(SERVICES, "podinfo-primary") is None
        told = [text for kind, text in stage.events() if kind == "Warning"]
        assert len(told) == 1, told

    play()


@staged()
async def test_who_also_writes_the_status_is_named_whatever_the_spec(script: Script) -> None:
    stage = script.stage
    await begins(script)
    record = Record(Stage.INITIALIZED, adoptions=2)
    status = {**present(record, "Deployment", {}, ORIGIN), "phase": "Succeeded"}
    live = stage.get(CANARIES, "podinfo")
    storage = stage.cluster.server.storage
    storage.put(CANARIES, Key("test", "podinfo"), {**live, "status": status})
    stage.start()
    await stage.rest(300)
    assert stage.status() == status
    assert any("status is also written by" in text for _, text in stage.events())
