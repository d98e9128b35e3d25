"""What a receiver's answers mean: webhooks.md 2."""

from __future__ import annotations

import asyncio
import json

import pytest
from aiohttp import web
from hook_receiver import NOW, hook

from canary.clock import LoopClock
from canary.hooks import HookClient, Passed, Refused
from canary.hooks.transport import HookRequest, NoReply
from canary.virtualtime import run

BODY = b'{"name":"podinfo"}'


@pytest.mark.asyncio
async def test_the_request(receiver, client):
    answer = await client.call(hook(f"{receiver.url}/gate/check?a=b%2Fc&d="), BODY, "run-1/0")
    assert answer == Passed(200)
    [call] = receiver.calls
    assert (call.method, call.path, call.body) == ("POST", "/gate/check?a=b%2Fc&d=", BODY)
    assert call.headers["Content-Type"] == "application/json"
    assert call.headers["Content-Length"] == str(len(BODY))
    assert call.headers["Idempotency-Key"] == "run-1/0"
    assert "Authorization" not in call.headers


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [200, 201, 202, 203, 204, 206, 299])
async def test_every_2xx_passes(receiver, client, status):
    """Flagger takes 200, 201 and 202 only (webhooks 8.1)."""
    receiver.says(status, "" if status == 204 else "whatever")
    assert await client.call(hook(receiver.url, retries=3), BODY, "k") == Passed(status)
    assert len(receiver.calls) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [300, 304, 305, 400, 401, 403, 404, 422, 499, 501])
async def test_a_refusal_says_its_body_and_is_final(receiver, client, pauses, status):
    body = "" if status == 304 else "not <ready>\n"
    receiver.says(status, body)
    assert await client.call(hook(receiver.url, retries=3), BODY, "k") == Refused(body, status)
    assert len(receiver.calls) == 1
    assert pauses == []


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_what_may_pass_is_tried_again(receiver, client, pauses, status):
    """The last body is told; Flagger throws it away (webhooks 8.2)."""
    receiver.says_in_turn((status, "first"), (status, "second"), (status, "out\n: exit status 3"))
    answer = await client.call(hook(receiver.url, retries=2), BODY, "poll-7")
    text = f"POST {receiver.url} giving up after 3 attempt(s): out\n: exit status 3"
    assert answer == Refused(text, status)
    assert pauses == [1, 2]
    # One poll, one key.
    assert [call.headers["Idempotency-Key"] for call in receiver.calls] == ["poll-7"] * 3
    assert {call.body for call in receiver.calls} == {BODY}


@pytest.mark.asyncio
async def test_without_retries_there_is_one_attempt(receiver, client, pauses):
    receiver.says(500)
    text = f"POST {receiver.url} giving up after 1 attempt(s)"
    assert await client.call(hook(receiver.url), BODY, "k") == Refused(text, 500)
    assert (len(receiver.calls), pauses) == (1, [])


@pytest.mark.asyncio
@pytest.mark.parametrize("retries", [-1, 0])
async def test_no_number_of_retries_prevents_the_first(receiver, client, retries):
    assert await client.call(hook(receiver.url, retries=retries), BODY, "k") == Passed(200)


@pytest.mark.asyncio
async def test_a_later_attempt_may_pass_or_be_refused(receiver, client, pauses):
    receiver.says_in_turn((500, ""), (200, "OK"))
    assert await client.call(hook(receiver.url, retries=5), BODY, "k") == Passed(200)
    receiver.says_in_turn((500, ""), (403, "Forbidden"))
    answer = await client.call(hook(receiver.url, retries=5), BODY, "k")
    assert answer == Refused("Forbidden", 403)
    assert pauses == [1, 1]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("told", "seconds"),
    [("3", 3), ("3600", 30), ("Sun, 01 Mar 2026 12:00:20 GMT", 20), ("later", 1)],
)
async def test_retry_after(receiver, client, pauses, told, seconds):
    receiver.says(503, Retry_After=told)
    await client.call(hook(receiver.url, retries=1), BODY, "k")
    assert pauses == [seconds]


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [403, 500])
async def test_a_long_body_is_cut(receiver, client, status):
    receiver.says(status, b"x" * 10 * 1024 * 1024)
    answer = await client.call(hook(receiver.url), BODY, "k")
    start = "" if status == 403 else f"POST {receiver.url} giving up after 1 attempt(s): "
    assert answer == Refused(f"{start}{'x' * 1024}...", status)


@pytest.mark.asyncio
async def test_an_endless_body_is_left(receiver, client):
    """It isn't read to its end, nor waited for until the timeout."""

    async def handler(request):
        response = web.StreamResponse(status=200)
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65536)
        except ConnectionError:
            return response

    receiver.handler = handler
    assert await client.call(hook(receiver.url, timeout="10m"), BODY, "k") == Passed(200)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"\x00\x01", "\x00\x01"),
        (b"\xff\xfe not text", "\ufffd\ufffd not text"),
        ("é".encode() * 512, "é" * 512),
        ("xé".encode() + "é".encode() * 511, "xé" + "é" * 510 + "..."),
    ],
)
async def test_a_body_that_is_no_text(receiver, client, body, text):
    receiver.says(400, body)
    assert await client.call(hook(receiver.url), BODY, "k") == Refused(text, 400)


@pytest.mark.asyncio
async def test_a_compressed_body_is_not_unpacked(receiver, client):
    """A few bytes could be gigabytes."""
    receiver.says(403, b"packed", Content_Encoding="gzip")
    assert await client.call(hook(receiver.url), BODY, "k") == Refused("packed", 403)
    assert receiver.calls[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.asyncio
async def test_connections_are_kept(receiver, client):
    """Flagger opens a pool for each call (webhooks 8.16)."""
    receiver.says_in_turn((200, "OK"), (403, "no"), (200, json.dumps(["x"] * 1000)), (200, ""))
    for _ in range(4):
        await client.call(hook(receiver.url), BODY, "k")
    assert len({call.peer for call in receiver.calls}) == 1


class Unwilling:
    """A transport in process that never gets an answer."""

    def __init__(self) -> None:
        self.at: list[float] = []

    async def send(self, request: HookRequest) -> NoReply:
        self.at.append(asyncio.get_running_loop().time())
        return NoReply("nobody is there", passing=True)


def test_pauses_pass_on_the_loops_clock():
    transport = Unwilling()

    async def main():
        client = HookClient(transport, LoopClock(NOW))
        return await client.call(hook("http://load.test", retries=6), BODY, "k")

    text = "POST http://load.test giving up after 7 attempt(s): nobody is there"
    assert run(main()) == Refused(text, None)
    assert transport.at == [0, 1, 3, 7, 15, 31, 61]
