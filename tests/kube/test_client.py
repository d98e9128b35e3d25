"""What the client asks for, and what it makes of the answers of an API server."""

from __future__ import annotations

import pytest
from wiretap import ONE, Rig, played

from canary.kube.errors import ApiError, Unreachable
from canary.kube.resources import CONFIG_MAPS, SECRETS
from canary.kube.transport import METADATA_ONLY_LIST, Response


@played
async def test_each_request_has_an_end(rig: Rig) -> None:
    await rig.made()
    await rig.client.list(CONFIG_MAPS)
    assert [request.timeout for request in rig.wire.sent] == [7.0, 7.0]


@played
async def test_a_collection_is_read_page_by_page(rig: Rig) -> None:
    for name in ("one", "two", "three", "four", "five"):
        await rig.made(name=name)
    rig.wire.sent.clear()
    listing = await rig.client.list(CONFIG_MAPS, "default", limit=2)
    names = sorted(item["metadata"]["name"] for item in listing.items)
    assert names == ["five", "four", "one", "three", "two"]
    assert listing.resource_version == str(rig.cluster.server.storage.version)
    asked = [sorted(request.query) for request in rig.wire.sent]
    assert asked == [["limit"], ["continue", "limit"], ["continue", "limit"]]


@played
async def test_a_collection_is_read_as_far_as_it_is_wanted(rig: Rig) -> None:
    await rig.made(SECRETS, stringData={"key": "secret"})
    meta = {"metadata": {"labels": {"team": "a"}}}
    await rig.made(name="ours")
    await rig.client.merge_patch(CONFIG_MAPS, "default", "ours", meta)
    await rig.made(name="theirs")
    rig.wire.sent.clear()
    some = await rig.client.list(CONFIG_MAPS, label_selector="team=a")
    assert [item["metadata"]["name"] for item in some.items] == ["ours"]
    named = await rig.client.list(SECRETS, metadata_only=True)
    assert [item["metadata"]["name"] for item in named.items] == ["one"]
    assert "data" not in named.items[0], "who may only know that it is there reads no secrets"
    assert [request.accept for request in rig.wire.sent] == ["application/json", METADATA_ONLY_LIST]
    assert [sorted(request.query) for request in rig.wire.sent] == [
        ["labelSelector", "limit"],
        ["limit"],
    ]


@played
async def test_what_a_server_answers_is_an_object_or_an_error(rig: Rig) -> None:
    rig.wire.answers = [
        Response(200, {}, b""),
        Response(200, {}, b"[]"),
        Response(200, {}, b"<html>"),
        Response(400, {}, b"a proxy says no"),
    ]
    assert await rig.client.get(CONFIG_MAPS, *ONE) == {}
    with pytest.raises(Unreachable, match="get configmaps: the answer is no object"):
        await rig.client.get(CONFIG_MAPS, *ONE)
    with pytest.raises(Unreachable, match="get configmaps: the answer is not JSON"):
        await rig.client.get(CONFIG_MAPS, *ONE)
    with pytest.raises(ApiError, match="a proxy says no"):
        await rig.client.get(CONFIG_MAPS, *ONE)
