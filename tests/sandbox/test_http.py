"""The sandbox's API server as HTTP clients meet it."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from canary.clock import SystemClock
from canary.kube.client import Client
from canary.kube.http import connect
from canary.kube.resources import CONFIG_MAPS, PODS
from canary.sandbox.http import LARGEST, kubeconfig, serving, write_kubeconfig
from canary.sandbox.server import Server
from tests.conformance.manifests import config_map

pytestmark = pytest.mark.asyncio

_MAPS = "/api/v1/namespaces/default/configmaps"


@asynccontextmanager
async def _session() -> AsyncIterator[tuple[Server, aiohttp.ClientSession]]:
    server = Server(SystemClock())
    async with serving(server) as address, aiohttp.ClientSession(address) as session:
        yield server, session


async def test_the_engines_transport_finds_it_by_the_kubeconfig(tmp_path: Path) -> None:
    server = Server(SystemClock())
    async with serving(server) as address:
        write_kubeconfig(tmp_path / "config", address)
        transport = await connect(kubeconfig=str(tmp_path / "config"))
        body = {**config_map(), "metadata": {"name": "settings", "namespace": "default"}}
        await Client(transport).create(CONFIG_MAPS, body)
        listing = await Client(transport).list(CONFIG_MAPS, "default")
        await transport.close()
    assert [item["metadata"]["name"] for item in listing.items] == ["settings"]
    assert {entry.user for entry in server.audit} == {"canary-engine"}


async def test_the_kubeconfig_has_one_context() -> None:
    found = kubeconfig("http://127.0.0.1:1", "test")
    assert found["current-context"] == found["contexts"][0]["name"]
    assert found["contexts"][0]["context"]["namespace"] == "test"
    assert found["clusters"][0]["cluster"]["server"] == "http://127.0.0.1:1"


async def test_refusals_have_their_status() -> None:
    async with _session() as (_, session):
        answer = await session.get(f"{_MAPS}/nope")
        assert answer.status == 404
        assert answer.content_type == "application/json"
        assert (await answer.json())["reason"] == "NotFound"
        answer = await session.get("/apis/nobody.example/v1/frobs")
        assert (answer.status, answer.content_type) == (404, "text/plain")
        assert await answer.text() == "404 page not found\n"
        answer = await session.get(_MAPS, params={"watch": "true", "resourceVersion": "abc"})
        assert answer.status == 500
        assert (await answer.json())["status"] == "Failure"


async def test_unknown_fields_are_warned_of() -> None:
    async with _session() as (_, session):
        answer = await session.post(_MAPS, json={**config_map(), "zzz": 1})
        assert answer.status == 201
        assert answer.headers["Warning"] == '299 - "unknown field \\"zzz\\""'


async def test_large_bodies_are_refused() -> None:
    async with _session() as (server, session):
        answer = await session.post(_MAPS, data=io.BytesIO(b" " * (LARGEST + 1)))
        assert answer.status == 413
        assert not server.audit


async def test_a_watch_ends_when_its_client_leaves() -> None:
    async with _session() as (server, session):
        answer = await session.get(_MAPS, params={"watch": "true"})
        assert answer.status == 200
        feeds = server.storage.followed(CONFIG_MAPS)
        assert feeds == 1
        answer.close()
        async with asyncio.timeout(10):
            while server.storage.followed(CONFIG_MAPS):
                async with session.get("/version") as version:
                    assert version.status == 200


async def test_watches_end_with_the_server() -> None:
    server = Server(SystemClock())
    async with aiohttp.ClientSession() as session:
        async with serving(server) as address:
            answer = await session.get(f"{address}/api/v1/pods", params={"watch": "true"})
            made = asyncio.create_task(answer.content.readline())
            pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "a", "image": "b"}]}}
            target = f"{address}/api/v1/namespaces/default/pods"
            async with session.post(target, json=pod) as created:
                assert created.status == 201
            assert json.loads(await made)["type"] == "ADDED"
        async with asyncio.timeout(10):
            with pytest.raises(aiohttp.ClientError):
                await answer.content.readline()
        answer.close()
    assert server.storage.followed(PODS) == 0


async def test_a_taken_port_is_an_error() -> None:
    async with serving(Server(SystemClock())) as address:
        port = int(address.rpartition(":")[2])
        with pytest.raises(OSError):
            async with serving(Server(SystemClock()), port=port):
                raise AssertionError("served twice")
