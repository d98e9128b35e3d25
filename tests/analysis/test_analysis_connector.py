"""The connector: identical queries in flight are one request, and nothing else is shared."""

from __future__ import annotations

import asyncio
import logging

import pytest
from aiohttp import web
from metrics_server import ONE

from analysis.connector import QUERY_TIMEOUT, Connector
from analysis.interface import SourceError
from analysis.models import MetricProviderSpec
from analysis.outcome import FailureKind, QueryFailed, Values

UP = Values((1.0,))


@pytest.fixture
def connector(session):
    return Connector(session, timeout=30.0)


def provider(server, **fields):
    return MetricProviderSpec.model_validate(
        {"type": "prometheus", "address": server.url, **fields}
    )


@pytest.mark.asyncio
async def test_identical_queries_in_flight_are_one_request(server, connector):
    # Each check builds its own connection; the secret is read anew as well.
    connections = [connector(provider(server), {"token": b"a"}, "1m") for _ in range(5)]
    found = await asyncio.gather(*(connection.query("up") for connection in connections))
    assert found == [UP] * 5
    assert len(server.requests) == 1


@pytest.mark.asyncio
async def test_an_answer_is_not_kept(server, connector):
    connection = connector(provider(server), None, "1m")
    assert await connection.query("up") == UP
    server.says("", 500)
    assert isinstance(await connection.query("up"), QueryFailed)
    assert len(server.requests) == 2


@pytest.mark.asyncio
async def test_one_who_leaves_does_not_end_the_query_of_another(server, connector):
    arrived, over = asyncio.Event(), asyncio.Event()

    async def handler(request):
        arrived.set()
        await over.wait()
        return web.Response(text=ONE)

    server.handler = handler
    tasks = [
        asyncio.create_task(connector(provider(server), None, "1m").query("up")) for _ in range(2)
    ]
    await arrived.wait()
    tasks[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    over.set()
    assert await tasks[1] == UP
    assert len(server.requests) == 1


def together(server):
    """Answer only when two requests are there: a shared query would wait in vain."""
    both = asyncio.Barrier(2)

    async def handler(request):
        await both.wait()
        return web.Response(text=ONE)

    server.handler = handler


# Fields of the provider and the Secret, of two checks with the same query.
@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (({}, {"token": b"a"}), ({}, {"token": b"b"})),
        (({}, {"token": b"a"}), ({}, None)),
        (
            ({}, {"username": b"a", "password": b"x"}),
            ({}, {"username": b"a", "password": b"y"}),
        ),
        (({}, {"username": b"a", "password": b"x"}), ({}, {"token": b"a:x"})),
        (
            ({"headers": {"X-Scope-OrgID": ["a"]}}, None),
            ({"headers": {"X-Scope-OrgID": ["b"]}}, None),
        ),
        (({"headers": {"X-Scope-OrgID": ["a"]}}, None), ({}, None)),
        (({"insecureSkipVerify": True}, None), ({}, None)),
    ],
    ids=["token", "no token", "password", "kind", "header", "no header", "verification"],
)
async def test_other_credentials_are_another_request(server, connector, one, other):
    together(server)
    found = await asyncio.gather(
        *(
            connector(provider(server, **fields), secret, "1m").query("up")
            for fields, secret in (one, other)
        )
    )
    assert found == [UP, UP]
    sent = {
        (request.headers.get("Authorization"), request.headers.get("X-Scope-OrgID"))
        for request in server.requests
    }
    assert len(server.requests) == 2
    assert len(sent) == 2 or "insecureSkipVerify" in one[0]


@pytest.mark.asyncio
async def test_another_user_in_the_address_is_another_request(server, connector):
    together(server)
    addresses = [server.url.replace("//", f"//{user}:x@") for user in ("a", "b")]
    found = await asyncio.gather(
        *(connector(provider(server, address=each), None, "1m").query("up") for each in addresses)
    )
    assert found == [UP, UP]
    assert len({request.headers["Authorization"] for request in server.requests}) == 2


@pytest.mark.asyncio
async def test_another_query_is_another_request(server, connector):
    together(server)
    connection = connector(provider(server), None, "1m")
    assert await asyncio.gather(connection.query("up"), connection.query("down")) == [UP, UP]


@pytest.mark.asyncio
async def test_another_path_is_another_request(server, connector):
    together(server)
    addresses = [server.url + path for path in ("/a", "/b")]
    found = await asyncio.gather(
        *(connector(provider(server, address=each), None, "1m").query("up") for each in addresses)
    )
    assert found == [UP, UP]


def test_a_query_has_five_seconds():
    # analysis.md 9, "Capability matrix"
    assert QUERY_TIMEOUT == 5.0


@pytest.mark.asyncio
async def test_the_timeout_is_the_connectors(server, session):
    over = asyncio.Event()

    async def handler(request):
        await over.wait()
        return web.Response()

    server.handler = handler
    connection = Connector(session, timeout=0.05)(provider(server), None, "1m")
    found = await connection.query("up")
    assert isinstance(found, QueryFailed) and found.kind is FailureKind.TIMEOUT
    over.set()


@pytest.mark.asyncio
async def test_online_asks_the_server(server, connector):
    connection = connector(provider(server), None, "1m")
    assert await connection.online() is None
    server.says("", 500)
    assert await connection.online() is not None


@pytest.mark.asyncio
async def test_settings_that_can_not_work_are_refused(server, connector):
    for fields in ({"address": None}, {"address": "prom:9090"}, {"headers": {"X Y": ["a"]}}):
        with pytest.raises(SourceError, match="prometheus"):
            connector(provider(server, **fields), None, "1m")


@pytest.mark.asyncio
async def test_a_type_without_source_is_refused_with_what_there_is(server, connector):
    with pytest.raises(SourceError) as caught:
        connector(provider(server, type="datadog"), None, "1m")
    assert '"datadog"' in str(caught.value) and "prometheus" in str(caught.value)


@pytest.mark.asyncio
async def test_a_field_without_effect_is_named_once(server, connector, caplog):
    # analysis.md 8: region is for cloudwatch only.
    with caplog.at_level(logging.WARNING, "analysis.connector"):
        for _ in range(3):
            connector(provider(server, region="eu", headers={"X": ["a"]}), None, "1m")
    (message,) = [record.getMessage() for record in caplog.records]
    assert "spec.provider.region" in message and "prometheus" in message


@pytest.mark.asyncio
async def test_fields_that_have_an_effect_are_not_named(server, connector, caplog):
    with caplog.at_level(logging.WARNING, "analysis.connector"):
        connector(provider(server, headers={"X": ["a"]}, insecureSkipVerify=True), None, "1m")
    assert not caplog.records
