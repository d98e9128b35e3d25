"""Carrying out one write: on what was seen, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from canary.controller.writes import Apply, Create, Delete, Patch, Scale, Write
from canary.kube.client import Client
from canary.kube.errors import ApiError, Conflict
from canary.kube.resources import (
    CONFIG_MAPS,
    DAEMON_SETS,
    DEPLOYMENTS,
    SERVICES,
    Key,
    Resource,
)
from tests.controller.executing import Api, manifest, played
from tests.rig.manifests import daemon_setting, setting

KEY = Key("test", "podinfo")
TWO = [{"op": "replace", "path": "/spec/replicas", "value": 2}]
ZERO = [{"op": "add", "path": "/spec/template/spec/nodeSelector", "value": {"none": "1"}}]


def service(port: int = 80, **meta: Any) -> dict[str, Any]:
    found = manifest("Service", spec={"ports": [{"name": "http", "port": port}]})
    found["metadata"] |= meta
    return found


def workload(made: Callable[..., list[dict[str, Any]]]) -> dict[str, Any]:
    return made()[2]


WRITES: dict[str, Callable[[str, str], Write]] = {
    "apply": lambda *seen: Apply(SERVICES, KEY, *seen, manifest=service(81)),
    "apply that inherits": lambda *seen: Apply(
        SERVICES, KEY, *seen, manifest=service(81), inherits=True
    ),
    "patch": lambda *seen: Patch(DEPLOYMENTS, KEY, *seen, operations=TWO),
    "scale": lambda *seen: Scale(DEPLOYMENTS, KEY, *seen, replicas=2),
    "scale by patch": lambda *seen: Scale(DAEMON_SETS, KEY, *seen, operations=ZERO),
}
OBJECTS: dict[Resource, Callable[[], dict[str, Any]]] = {
    SERVICES: service,
    DEPLOYMENTS: lambda: workload(setting),
    DAEMON_SETS: lambda: workload(daemon_setting),
}


def done(obj: dict[str, Any]) -> bool:
    """Whether an object is as these writes make it."""
    if obj["kind"] == "Service":
        return 81 in [port["port"] for port in obj["spec"]["ports"]]
    if obj["kind"] == "DaemonSet":
        return "nodeSelector" in obj["spec"]["template"]["spec"]
    return bool(obj["spec"]["replicas"] == 2)


@pytest.mark.parametrize("what", WRITES)
@pytest.mark.parametrize("since", ["", "changed", "made anew", "gone"])
def test_a_write_is_about_what_was_seen(what: str, since: str) -> None:
    @played
    async def play(api: Api) -> None:
        resource = WRITES[what]("", "").resource
        body = OBJECTS[resource]()
        if resource == DEPLOYMENTS:
            body["spec"]["replicas"] = 1
        uid, version = await api.seen(resource, body)
        if since == "changed":
            labelled = {"metadata": {"labels": {"team": "a"}}}
            await api.user.merge_patch(resource, "test", "podinfo", labelled)
        elif since:
            await api.user.delete(resource, "test", "podinfo", uid=uid)
        if since == "made anew":
            # A restored cluster may count versions anew: this one is that of another object.
            version = (await api.seen(resource, body))[1]
        before = api.get(resource)
        if since:
            with pytest.raises(ApiError):
                await api.does(WRITES[what](uid, version))
            assert api.get(resource) == before
            return
        assert not done(before)
        expected = await api.does(WRITES[what](uid, version))
        live = api.get(resource)
        assert done(live)
        seen = (expected.resource, expected.key, expected.resource_version)
        assert seen == (resource, KEY, live["metadata"]["resourceVersion"])

    play()


@pytest.mark.parametrize("kind", [Apply, Create])
def test_what_was_not_there_is_made_and_never_written_over(kind: Any) -> None:
    @played
    async def play(api: Api) -> None:
        write = kind(SERVICES, KEY, manifest=service(81))
        expected = await api.does(write)
        live = api.get(SERVICES)
        assert expected.resource_version == live["metadata"]["resourceVersion"]
        with pytest.raises(ApiError):
            await api.does(kind(SERVICES, KEY, manifest=service(82)))
        assert api.get(SERVICES) == live

    play()


def test_what_has_no_fields_to_take_over_is_made_with_one_request() -> None:
    @played
    async def play(api: Api) -> None:
        expected = await api.does(Apply(CONFIG_MAPS, KEY, manifest=manifest("ConfigMap")))
        assert api.sent == ["POST"]
        live = api.get(CONFIG_MAPS)
        assert expected.resource_version == live["metadata"]["resourceVersion"]

    play()


@pytest.mark.parametrize("former", ["canary-engine", "flagger"])
def test_an_apply_drops_what_this_engine_or_flagger_made_before(former: str) -> None:
    @played
    async def play(api: Api) -> None:
        made = service(labels={"old": "1"})
        if former == "flagger":
            client = Client(api.server.transport(former), manager=former)
            await client.create(SERVICES, made)
        else:
            await api.does(Apply(SERVICES, KEY, manifest=made))
        meta = api.get(SERVICES)["metadata"]
        seen = (meta["uid"], meta["resourceVersion"])
        inherits = former == "flagger"
        api.sent.clear()
        await api.does(Apply(SERVICES, KEY, *seen, manifest=service(), inherits=inherits))
        assert "labels" not in api.get(SERVICES)["metadata"]
        assert len(api.sent) == (3 if inherits else 1)

    play()


def test_what_comes_between_the_two_writes_of_a_takeover_stays() -> None:
    @played
    async def play(api: Api) -> None:
        flagger = Client(api.server.transport("flagger"), manager="flagger")
        meta = (await flagger.create(SERVICES, service()))["metadata"]

        async def meanwhile() -> None:
            labelled = {"metadata": {"labels": {"team": "a"}}}
            await api.user.merge_patch(SERVICES, "test", "podinfo", labelled)

        api.meanwhile = meanwhile
        seen = (meta["uid"], meta["resourceVersion"])
        relabelled = service(labels={"team": "b"})
        with pytest.raises(Conflict):
            await api.does(Apply(SERVICES, KEY, *seen, manifest=relabelled, inherits=True))
        assert api.get(SERVICES)["metadata"]["labels"] == {"team": "a"}

    play()


def test_a_write_that_nobody_can_carry_out_is_none() -> None:
    @played
    async def play(api: Api) -> None:
        seen = await api.seen(SERVICES, service())
        before = api.get(SERVICES)
        with pytest.raises(AssertionError):
            await api.does(Write(SERVICES, KEY, *seen))
        assert api.get(SERVICES) == before

    play()


def test_only_what_was_seen_is_deleted_and_what_is_gone_needs_no_deletion() -> None:
    @played
    async def play(api: Api) -> None:
        uid, _ = await api.seen(CONFIG_MAPS, manifest("ConfigMap", data={"a": "1"}))
        with pytest.raises(ApiError):
            await api.does(Delete(CONFIG_MAPS, KEY, "another"))
        assert api.get(CONFIG_MAPS) is not None
        assert await api.does(Delete(CONFIG_MAPS, KEY, uid)) is None
        assert api.get(CONFIG_MAPS) is None
        assert await api.does(Delete(CONFIG_MAPS, KEY, uid)) is None

    play()
