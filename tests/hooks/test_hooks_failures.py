"""Whatever a receiver does, an answer comes back; its words are those of Go's client."""

from __future__ import annotations

import asyncio
import socket

import pytest
from aiohttp import web
from hook_receiver import Names, StoppedClock, gave_up, hook, raw_receiver

from canary.hooks import HookClient, HttpTransport, Refused, open_session, transport

BODY = b"{}"
LIMIT = 600.0
"""Seconds: the timeout of 10m."""
AWAITING = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
READING = (
    "error reading body: context deadline exceeded "
    "(Client.Timeout or context cancellation while reading body)"
)


@pytest.fixture
def deaf_port():
    """A port that is bound and not listened at: nobody else can take it meanwhile."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield reserved.getsockname()[1]


@pytest.mark.asyncio
async def test_nobody_listens(client, pauses, deaf_port):
    url = f"http://127.0.0.1:{deaf_port}/"
    answer = await client.call(hook(url, retries=3), BODY, "k")
    assert answer == gave_up(url, f"dial tcp 127.0.0.1:{deaf_port}: connect: connection refused", 4)
    assert pauses == [1, 2, 4]


async def call_by_name(names: Names, url: str, **fields):
    async with open_session(resolver=names) as session:

        async def sleep(seconds):
            pass

        client = HookClient(HttpTransport(session), StoppedClock(), sleep)
        return await client.call(hook(url, **fields), BODY, "k")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "no such host"),
        (
            socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
            "Temporary failure in name resolution",
        ),
    ],
)
async def test_a_name_that_is_not_found(error, said):
    url = "http://load.test:8080/"
    answer = await call_by_name(Names(error=error), url, retries=1)
    assert answer == gave_up(url, f"dial tcp: lookup load.test: {said}", 2)


@pytest.mark.asyncio
async def test_of_several_addresses_one_is_named(deaf_port):
    url = f"http://load.test:{deaf_port}/"
    answer = await call_by_name(Names("127.0.0.1", "127.0.0.2"), url)
    refused = f":{deaf_port}: connect: connection refused"
    assert answer in [gave_up(url, f"dial tcp 127.0.0.{n}{refused}") for n in (1, 2)]


@pytest.mark.asyncio
async def test_a_receiver_that_never_answers(receiver, client, pauses, jump):
    over = asyncio.Event()

    async def handler(request):
        jump(LIMIT)
        await over.wait()
        return web.Response()

    receiver.handler = handler
    answer = await client.call(hook(receiver.url, timeout="10m", retries=1), BODY, "k")
    assert answer == gave_up(receiver.url, AWAITING, 2)
    assert pauses == [1]
    over.set()


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [200, 403])
async def test_a_receiver_that_stops_in_the_middle_of_its_body(
    receiver, client, jump, monkeypatch, status
):
    """The timeout includes the body, and half an answer is none."""
    over = asyncio.Event()

    async def handler(request):
        response = web.StreamResponse(status=status)
        await response.prepare(request)
        await response.write(b"half")
        await over.wait()
        return response

    def reading(response):
        jump(LIMIT)
        return read(response)

    read = transport._read
    monkeypatch.setattr(transport, "_read", reading)
    receiver.handler = handler
    answer = await client.call(hook(receiver.url, timeout="10m"), BODY, "k")
    assert answer == gave_up(receiver.url, READING)
    over.set()


HEAD = b"HTTP/1.1 200 OK\r\n"
BROKEN = "net/http: HTTP/1.x transport connection broken: "


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "EOF"),
        (b"HTTP/1.1 200 OK\r\n", "EOF"),
        (b"no http at all\r\n\r\n", BROKEN),
        (b"HTTP/1.1 xyz OK\r\n\r\n", BROKEN),
        (HEAD + b"X: " + b"x" * 100_000 + b"\r\n\r\n", BROKEN),
        (HEAD + b"Content-Length: 500\r\n\r\n{", "error reading body: unexpected EOF"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{", "error reading body: unexpected EOF"),
    ],
    ids=["closed", "half", "garbage", "status", "header", "cut", "chunk"],
)
async def test_a_broken_answer(client, answer, said):
    async with raw_receiver(answer) as url:
        found = await client.call(hook(f"{url}/"), BODY, "k")
    expected = gave_up(f"{url}/", said).text
    assert isinstance(found, Refused) and found.status is None
    assert found.text.startswith(expected)
    assert found.text == expected if not said.startswith(BROKEN) else len(found.text) < 600
    assert "\n" not in found.text


@pytest.mark.asyncio
async def test_a_reset_connection(client):
    async with raw_receiver(b"", abort=True) as url:
        answer = await client.call(hook(f"{url}/"), BODY, "k")
    assert answer in (gave_up(f"{url}/", "connection reset by peer"), gave_up(f"{url}/", "EOF"))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("://x", 'parse "://x": missing protocol scheme'),
        ("http://x:abc/", 'parse "http://x:abc/": invalid port ":abc" after host'),
        (
            "load.test/gate",
            "POST load.test/gate giving up after 1 attempt(s): "
            'Post "load.test/gate": unsupported protocol scheme ""',
        ),
        (
            "http:///gate",
            "POST http:///gate giving up after 1 attempt(s): "
            'Post "http:///gate": http: no Host in request URL',
        ),
    ],
)
async def test_a_wrong_url_is_not_tried_again(client, pauses, url, text):
    assert await client.call(hook(url, retries=3), BODY, "k") == Refused(text, None)
    assert pauses == []


@pytest.mark.asyncio
@pytest.mark.parametrize("timeout", ["5", "0s", "0m", "1min", "1sx", "-1s"])
async def test_a_wrong_timeout_is_named(receiver, client, pauses, timeout):
    """One rule for gates and event hooks (webhooks 8.11)."""
    wrong = hook(receiver.url, retries=3).model_copy(update={"timeout": timeout})
    text = (
        f'spec.analysis.webhooks[load].timeout: "{timeout}" is not accepted, '
        "give a positive duration such as 10s or 1m30s"
    )
    assert await client.call(wrong, BODY, "k") == Refused(text, None)
    assert receiver.calls == [] and pauses == []


@pytest.mark.asyncio
async def test_a_password_of_the_url_is_used_and_not_shown(receiver, client):
    receiver.says(500)
    url = receiver.url.replace("http://", "http://user:s3cret@")
    answer = await client.call(hook(url), BODY, "k")
    shown = url.replace("s3cret", "xxxxx")
    assert answer == Refused(f"POST {shown} giving up after 1 attempt(s)", 500)
    assert receiver.calls[0].headers["Authorization"] == "Basic dXNlcjpzM2NyZXQ="
