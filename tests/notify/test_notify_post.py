"""What goes over the wire, and what an answer means, with a chat on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from analysis.connector import open_session
from canary.notify.chats import Request
from canary.notify.post import Poster, SendFailed

BODY = {"text": "success rate 90% < 99%"}


@dataclass
class Chat:
    """Answers every request alike (``status`` 0: never), but for paths that have ``moved``."""

    status: int = 200
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[web.BaseRequest, bytes]] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.seen.append((request, await request.read()))
        if request.path in self.moved:
            return web.Response(status=307, headers={"Location": self.moved[request.path]})
        if not self.status:
            await asyncio.Event().wait()
        return web.Response(status=self.status, text=self.text, headers=self.headers)


@asynccontextmanager
async def chat(status: int = 200, text: str = "", **parts: dict[str, str]) -> AsyncIterator[Chat]:
    found = Chat(status, text, **parts)
    runner = web.ServerRunner(web.Server(found.handle), shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    found.url = f"http://{host}:{port}"
    try:
        yield found
    finally:
        await runner.cleanup()


async def post(
    url: str, environ: dict[str, str] | None = None, *, timeout: float = 30, **parts: str
) -> None:
    async with open_session() as session:
        poster = Poster(session, environ or {}, timeout)
        await poster(Request(url, BODY, **parts), "uid-7")


async def failure(
    url: str, environ: dict[str, str] | None = None, *, timeout: float = 30, **parts: str
) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        await post(url, environ, timeout=timeout, **parts)
    return caught.value


def test_a_message_is_a_post_of_json_with_a_key() -> None:
    async def run() -> None:
        async with chat(204) as found:
            await post(f"{found.url}/hook?sig=a%2Fb%3D&sv=1.0", token="xoxb-1")
        ((request, body),) = found.seen
        assert (request.method, request.raw_path) == ("POST", "/hook?sig=a%2Fb%3D&sv=1.0")
        assert request.headers["Content-Type"] == "application/json"
        assert request.headers["Authorization"] == "Bearer xoxb-1"
        assert request.headers["Idempotency-Key"] == "uid-7"
        assert body == b'{"text":"success rate 90% < 99%"}'

    asyncio.run(run())


def test_without_a_token_nothing_is_authorized() -> None:
    async def run() -> None:
        async with chat() as found:
            await post(f"{found.url}/hook")
        assert "Authorization" not in found.seen[0][0].headers

    asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "again"), [(400, False), (404, False), (410, False), (429, True), (503, True)]
)
def test_another_status_is_a_failure(status: int, again: bool) -> None:
    async def run() -> None:
        headers = {"Retry-After": "7"} if status == 429 else {}
        async with chat(status, "no\nway", headers=headers) as found:
            error = await failure(f"{found.url}/s3cret")
        assert str(error) == (
            f"postMessage failed: sending notification bad response {status}: no way"
        )
        assert error.again is again
        assert error.after == (7.0 if status == 429 else 0.0)

    asyncio.run(run())


def test_a_long_answer_is_quoted_in_part() -> None:
    async def run() -> None:
        async with chat(500, "x" * 10**6) as found:
            error = await failure(found.url)
        assert len(str(error)) < 400

    asyncio.run(run())


def test_silence_is_a_failure_that_may_pass() -> None:
    async def run() -> None:
        async with chat(0) as found:
            error = await failure(f"{found.url}/s3cret", timeout=0.05)
        failed = f'sending notification failed to send: Post "{found.url}"'
        assert str(error) == f"postMessage failed: {failed}: no answer within 0.05s"
        assert error.again

    asyncio.run(run())


def test_nobody_there_is_a_failure_that_may_pass_and_shows_no_secret() -> None:
    async def run() -> None:
        async with chat() as found:
            url = found.url
        error = await failure(f"{url}/s3cret")
        start = f'postMessage failed: sending notification failed to send: Post "{url}": '
        assert str(error).startswith(start)
        assert error.again
        assert "s3cret" not in str(error)

    asyncio.run(run())


def test_redirects_are_followed_but_not_for_ever() -> None:
    async def run() -> None:
        moved = {"/old": "/new", "/round": "/round"}
        async with chat(moved=moved) as found:
            await post(f"{found.url}/old")
            assert [(r.method, r.path) for r, _ in found.seen] == [
                ("POST", "/old"),
                ("POST", "/new"),
            ]
            error = await failure(f"{found.url}/round")
        assert str(error).endswith("stopped after 10 redirects")

    asyncio.run(run())


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('{"ok":true}', ""),
        ('{"ok":false,"error":"channel_not_found"}', "channel_not_found"),
        ('{"ok":false}', "ok is false"),
        ("ok", ""),
        ("[]", ""),
    ],
)
def test_slacks_api_refuses_with_200(body: str, text: str) -> None:
    """notifications 7.6. The proxy plays slack.com."""

    async def run() -> None:
        async with chat(text=body) as found:
            slack = "http://slack.com/api/chat.postMessage"
            if not text:
                await post(slack, proxy=found.url)
                return
            error = await failure(slack, proxy=found.url)
            assert str(error).endswith(f"bad response 200: {text}")
            assert not error.again

    asyncio.run(run())


def test_other_chats_may_say_what_they_like_with_200() -> None:
    async def run() -> None:
        async with chat(text='{"ok":false}') as found:
            await post(found.url)

    asyncio.run(run())


def test_a_proxy_of_the_receiver_wins_over_the_environment() -> None:
    async def run() -> None:
        async with chat() as ours, chat() as theirs:
            environ = {"HTTP_PROXY": theirs.url}
            await post("http://chat.test/hook", environ, proxy=ours.url)
            await post("http://chat.test/hook", environ)
            assert [r.headers["Host"] for r, _ in ours.seen] == ["chat.test"]
            assert [r.headers["Host"] for r, _ in theirs.seen] == ["chat.test"]

    asyncio.run(run())


def test_a_proxy_that_is_no_address_is_named_without_its_password() -> None:
    async def run() -> None:
        error = await failure("http://chat.test/hook", proxy="socks5://me:s3cret@p.test:1/x")
        assert str(error) == (
            "postMessage failed: unable to parse proxy URL 'socks5://p.test:1', error: "
            "accepted is a whole http or https URL"
        )
        assert not error.again

    asyncio.run(run())


def test_a_failed_handshake_is_a_failure_that_may_pass() -> None:
    async def run() -> None:
        async with chat() as found:
            # Plain HTTP behind an https address: the handshake fails.
            error = await failure(found.url.replace("http:", "https:"))
        assert error.again

    asyncio.run(run())
