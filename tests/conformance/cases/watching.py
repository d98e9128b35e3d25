"""Watches: what they begin with, what they tell, how they end."""

from __future__ import annotations

from canary.kube.transport import METADATA_ONLY, Request
from tests.conformance.api import Api, Watch
from tests.conformance.cases.registry import case
from tests.conformance.manifests import config_map, deployment

_OURS = {"labelSelector": "ours=yes"}


def _ours(name: str, **data: str) -> dict[str, object]:
    return {**config_map(name, **data), "metadata": {"name": name, "labels": {"ours": "yes"}}}


@case
async def changes_after_a_version_come_in_their_order(api: Api) -> None:
    first = await api.made(api.maps(), _ours("a", x="1"))
    listing = await api.get(api.maps(), **_OURS)
    await api.patch("merge", api.maps("a"), {"data": {"x": "2"}})
    await api.made(api.maps(), _ours("b"))
    await api.delete(api.maps("a"))
    version = listing.meta["resourceVersion"]
    async with api.watch(api.maps(), resourceVersion=version, **_OURS) as watch:
        events = [await watch.next() for _ in range(3)]
        await api.patch("merge", api.maps("b"), {"data": {"y": "1"}})
        events.append(await watch.next())
    found = [(one["type"], one["object"]["metadata"]["name"]) for one in events]
    assert found == [("MODIFIED", "a"), ("ADDED", "b"), ("DELETED", "a"), ("MODIFIED", "b")]
    versions = [int(one["object"]["metadata"]["resourceVersion"]) for one in events]
    assert versions == sorted(versions)
    assert versions[0] > int(first["metadata"]["resourceVersion"])
    assert (events[2]["object"]["data"], events[2]["object"]["kind"]) == ({"x": "2"}, "ConfigMap")


@case
async def a_watch_without_a_version_begins_with_what_there_is(api: Api) -> None:
    await api.made(api.maps(), _ours("a"))
    for query in ({}, {"resourceVersion": "0"}):
        async with api.watch(api.maps(), **_OURS, **query) as watch:
            event = await watch.next()
            assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "a")


@case
async def leaving_a_selection_looks_like_deletion(api: Api) -> None:
    await api.made(api.maps(), _ours("a"))
    async with api.watch(api.maps(), **_OURS) as watch:
        await watch.next()
        await api.patch("merge", api.maps("a"), {"metadata": {"labels": {"ours": "no"}}})
        event = await watch.next()
        assert event["type"] == "DELETED"
        await api.patch("merge", api.maps("a"), {"metadata": {"labels": {"ours": "yes"}}})
        assert (await watch.next())["type"] == "ADDED"


@case
async def a_watch_of_one_name(api: Api) -> None:
    """As ``kubectl rollout status`` and ``kubectl wait`` follow an object."""
    await api.made(api.maps(), config_map("a"))
    await api.made(api.maps(), config_map("b"))
    async with api.watch(api.maps(), fieldSelector="metadata.name=b") as watch:
        assert (await watch.next())["object"]["metadata"]["name"] == "b"
        await api.delete(api.maps("a"))
        await api.delete(api.maps("b"))
        event = await watch.next()
        assert (event["type"], event["object"]["metadata"]["name"]) == ("DELETED", "b")


@case
async def initial_events_end_with_a_bookmark(api: Api) -> None:
    await api.made(api.maps(), _ours("a"))
    await api.made(api.maps(), _ours("b"))
    query = {
        "sendInitialEvents": "true",
        "resourceVersionMatch": "NotOlderThan",
        "allowWatchBookmarks": "true",
    }
    async with api.watch(api.maps(), **_OURS, **query) as watch:
        names = [(await watch.any())["object"]["metadata"]["name"] for _ in range(2)]
        assert sorted(names) == ["a", "b"]
        event = await watch.any()
        assert event["type"] == "BOOKMARK"
        meta = event["object"]["metadata"]
        assert meta["annotations"] == {"k8s.io/initial-events-end": "true"}
        assert int(meta["resourceVersion"]) > 0


@case
async def options_that_do_not_go_together(api: Api) -> None:
    prefix = 'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: '
    answer = await api.refused_watch(api.maps(), sendInitialEvents="true")
    text = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
    assert (answer.code, answer.message) == (422, prefix + text)
    answer = await api.refused_watch(api.maps(), resourceVersionMatch="NotOlderThan")
    text = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
    assert (answer.code, answer.message) == (422, prefix + text)
    answer = await api.refused_watch(api.maps(), resourceVersion="abc")
    text = 'strconv.ParseUint: parsing "abc": invalid syntax'
    assert answer.code == 500
    assert answer.message == f'resourceVersion: Invalid value: "abc": {text}'


@case
async def metadata_alone_can_be_watched(api: Api) -> None:
    await api.made(api.deployments(), deployment())
    request = Request("GET", api.deployments(), {"watch": "true"}, accept=METADATA_ONLY)
    async with api.transport.stream(request) as stream:
        event = await Watch(stream.lines()).next()
    assert event["object"]["kind"] == "PartialObjectMetadata"
    assert set(event["object"]) == {"kind", "apiVersion", "metadata"}


@case
async def a_watch_ends_in_time(api: Api) -> None:
    async with api.watch(api.maps(), timeoutSeconds="1", **_OURS) as watch:
        try:
            event = await watch.any()
        except StopAsyncIteration:
            return
        raise AssertionError(event)


@case
async def unknown_collections_cannot_be_watched(api: Api) -> None:
    answer = await api.refused_watch("/apis/apps/v1/frobs")
    assert (answer.code, answer.reason) == (404, "NotFound")
