"""``canary events``: order, whose they are, and the watch."""

from __future__ import annotations

import json
from typing import Any

import yaml
from people import canary, watching

from canary.kube.resources import EVENTS
from tests.rig.manifests import setting
from tests.rig.stage import Stage
from tests.rig.staged import staged
from tests.transcripts.script import Script


async def say(stage: Stage, name: str, text: str, **more: Any) -> dict[str, Any]:
    """An event about Canary ``podinfo``, unless ``more`` says otherwise (operations.md 8)."""
    about = {"apiVersion": "flagger.app/v1beta1", "kind": "Canary", "name": "podinfo"}
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": more.pop("namespace", "test")},
        "type": "Normal",
        "reason": "Synced",
        "message": text,
        "count": 1,
        **more,
        "involvedObject": {**about, **more.get("involvedObject", {})},
    }
    return await stage.user.create(EVENTS, event)


def texts(out: str) -> list[str]:
    return [line.split("  ")[-1].strip() for line in out.splitlines()]


@staged()
async def test_they_come_in_the_order_of_time(script: Script) -> None:
    stage = script.stage
    await stage.up()
    await say(stage, "a", "last", lastTimestamp="2026-01-01T00:09:00Z")
    await say(stage, "z", "first", lastTimestamp="2026-01-01T00:01:00Z")
    await say(stage, "c", "third", lastTimestamp="2026-01-01T00:05:00Z")
    await say(stage, "b", "fourth", lastTimestamp="2026-01-01T00:05:00Z")
    # Events of the newer API tell eventTime, with microseconds.
    await say(stage, "d", "second", lastTimestamp=None, eventTime="2026-01-01T00:02:00.500000Z")
    said = await canary(stage, "events podinfo")
    assert texts(said.out) == ["first", "second", "third", "fourth", "last"]
    assert said.lines[0].startswith("2026-01-01T00:01:00Z  Normal ")


@staged()
async def test_only_those_of_the_canary(script: Script) -> None:
    stage = script.stage
    await stage.up(namespaces=("test", "shop"))
    stamp = {"lastTimestamp": "2026-01-01T00:00:00Z"}
    await say(stage, "a", "mine", **stamp)
    await say(stage, "b", "of another", involvedObject={"name": "other"}, **stamp)
    deployment = {"kind": "Deployment", "apiVersion": "apps/v1"}
    await say(stage, "c", "of the Deployment", involvedObject=deployment, **stamp)
    namesake = {"apiVersion": "example.org/v1"}
    await say(stage, "d", "of a namesake kind", involvedObject=namesake, **stamp)
    await say(stage, "e", "elsewhere", namespace="shop", **stamp)
    assert texts((await canary(stage, "events podinfo")).out) == ["mine"]
    assert texts((await canary(stage, "events")).out) == ["mine", "of another"]
    everywhere = (await canary(stage, "events -A")).out
    assert sorted(texts(everywhere)) == ["elsewhere", "mine", "of another"]


@staged()
async def test_a_rollout_tells_its_story(script: Script) -> None:
    # The texts and their order are Flagger's (operations.md section 8).
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Succeeded")
    found = texts((await canary(script.stage, "events podinfo")).out)
    story = [
        "Initialization done! podinfo.test",
        "New revision detected! Scaling up podinfo.test",
        "Starting canary analysis for podinfo.test",
        *(f"Advance podinfo.test canary weight {weight}" for weight in (10, 20, 30, 40, 50)),
        "Copying podinfo.test template spec to podinfo-primary.test",
        "Routing all traffic to primary",
        "Promotion completed! Scaling down podinfo.test",
    ]
    assert [text for text in found if text in story] == story


@staged()
async def test_repeated_ones_show_how_often(script: Script) -> None:
    await script.stage.up()
    await say(script.stage, "a", "again", count=7, type="Warning")
    (line,) = (await canary(script.stage, "events podinfo")).lines
    assert line.endswith("again (x7)") and "Warning" in line


@staged()
async def test_as_objects(script: Script) -> None:
    await script.stage.up()
    stored = await say(script.stage, "a", "mine")
    del stored["metadata"]["managedFields"]
    found = json.loads((await canary(script.stage, "events podinfo -o json")).out)
    assert found == {"apiVersion": "v1", "kind": "List", "items": [stored]}


@staged()
async def test_no_event_is_an_answer_only_where_there_is_a_canary(script: Script) -> None:
    await script.stage.up()
    assert (await canary(script.stage, "events podinfo")).code == 1
    assert "no events" in (await canary(script.stage, "events")).out
    await script.stage.apply(*setting())
    said = await canary(script.stage, "events podinfo")
    assert said.code == 0 and "no events" in said.out
    assert (await canary(script.stage, "events podinfo -A")).code == 1


@staged()
async def test_the_watch_tells_each_one_once(script: Script) -> None:
    stage = script.stage
    await stage.up()
    await say(stage, "b", "second", lastTimestamp="2026-01-01T00:00:02Z")
    await say(stage, "a", "first", lastTimestamp="2026-01-01T00:00:01Z")
    async with watching(stage, "events podinfo -w") as stream:
        await stage.rest(1)
        await say(stage, "c", "third")
        await say(stage, "d", "of another", involvedObject={"name": "other"})
        await stage.rest(1)
        await stage.patch(EVENTS, "c", {"count": 2})
        # Metadata alone tells nothing new.
        await stage.patch(EVENTS, "a", {"metadata": {"labels": {"x": "y"}}})
        await stage.rest(1)
        assert texts(stream.getvalue()) == ["first", "second", "third", "third (x2)"]


@staged()
async def test_the_watch_as_yaml(script: Script) -> None:
    await script.stage.up()
    await say(script.stage, "a", "first")
    async with watching(script.stage, "events -w -o yaml") as stream:
        await script.stage.rest(1)
        await say(script.stage, "b", "second")
        await script.stage.rest(1)
        found = list(yaml.safe_load_all(stream.getvalue()))
    assert [event["message"] for event in found] == ["first", "second"]
    assert all(event["kind"] == "Event" for event in found)
