"""Copies of ConfigMaps and Secrets: of the data of record, or none."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from canary.controller.digests import describe
from canary.controller.writes import Copy
from canary.kube.errors import Conflict, Invalid
from canary.kube.resources import CONFIG_MAPS, SECRETS, Key, Resource
from canary.kube.transport import Response
from tests.controller.executing import Api, manifest, played


async def source(api: Api, resource: Resource = CONFIG_MAPS, **more: Any) -> str:
    """A source of a copy; gives its checksum."""
    made = await api.user.create(resource, manifest(resource.kind, "data", **more))
    return describe(resource, made).checksum


def copy(resource: Resource, checksum: str, *seen: str, name: str = "data") -> Copy:
    key = Key("test", f"{name}-primary")
    return Copy(resource, key, *seen, source=Key("test", name), checksum=checksum)


@pytest.mark.parametrize("resource", [CONFIG_MAPS, SECRETS])
def test_a_copy_is_made_of_the_data_of_record_only(resource: Resource) -> None:
    @played
    async def play(api: Api) -> None:
        checksum = await source(api, resource, data={"a": "MQ=="})
        with pytest.raises(Conflict):
            await api.does(copy(resource, "of other data"))
        assert api.get(resource, "data-primary") is None
        expected = await api.does(copy(resource, checksum))
        made = api.get(resource, "data-primary")
        assert (made["kind"], made["data"]) == (resource.kind, {"a": "MQ=="})
        assert made["metadata"]["ownerReferences"][0]["uid"] == "canary"
        assert expected.resource_version == made["metadata"]["resourceVersion"]

    play()


def test_an_immutable_copy_makes_room_for_the_next_one() -> None:
    @played
    async def play(api: Api) -> None:
        checksum = await source(api, data={"a": "2"})
        body = manifest("ConfigMap", "data-primary", data={"a": "1"}, immutable=True)
        seen = await api.seen(CONFIG_MAPS, body)
        with pytest.raises(Conflict):
            await api.does(copy(CONFIG_MAPS, checksum, *seen))
        assert api.get(CONFIG_MAPS, "data-primary") is None
        await api.does(copy(CONFIG_MAPS, checksum))
        assert api.get(CONFIG_MAPS, "data-primary")["data"] == {"a": "2"}

    play()


def test_a_copy_that_can_not_be_is_said_to_be_so() -> None:
    """It isn't taken for an immutable one, that would be tried again and again."""

    @played
    async def play(api: Api) -> None:
        name = f"immutable-{'a' * 240}"
        made = await api.user.create(CONFIG_MAPS, manifest("ConfigMap", name, data={"a": "1"}))
        checksum = describe(CONFIG_MAPS, made).checksum
        with pytest.raises(Invalid):
            await api.does(copy(CONFIG_MAPS, checksum, name=name))

    play()


def test_a_copy_that_is_refused_otherwise_stays() -> None:
    @played
    async def play(api: Api) -> None:
        checksum = await source(api, data={"a": "2"})
        seen = await api.seen(CONFIG_MAPS, manifest("ConfigMap", "data-primary", data={"a": "1"}))
        text = 'ConfigMap "data-primary" is invalid: []: Too long: may not be more than 1048576'
        body = {"kind": "Status", "code": 422, "reason": "Invalid", "message": text}

        async def refused() -> Response:
            return Response(422, {}, orjson.dumps(body))

        api.meanwhile = refused
        with pytest.raises(Invalid):
            await api.does(copy(CONFIG_MAPS, checksum, *seen))
        assert api.get(CONFIG_MAPS, "data-primary")["data"] == {"a": "1"}

    play()
