"""Sending a request to a chat: one attempt, in bounded time, with a named failure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

import aiohttp
import orjson
from yarl import URL

from analysis.proxy import proxy_for
from canary.notify.chats import Request
from canary.notify.receiver import NotSent, absolute, shown

TIMEOUT = 5.0
"""Seconds for a whole attempt."""

_LONGEST_ANSWER = 2**16
_LONGEST_QUOTE = 300
_REDIRECTS = 10

Post = Callable[[Request, str], Awaitable[None]]
"""Sends a request under an idempotency key; raises SendFailed."""


class SendFailed(NotSent):
    """The chat did not take the message."""

    def __init__(self, text: str, *, again: bool = False, after: float = 0.0) -> None:
        super().__init__(f"postMessage failed: {text}", again=again, after=after)


class Poster:
    """Posts over a session; ``environ`` names the proxies where a request has none."""

    def __init__(
        self, session: aiohttp.ClientSession, environ: Mapping[str, str], timeout: float = TIMEOUT
    ) -> None:
        self._session = session
        self._environ = environ
        self._timeout = timeout

    async def __call__(self, request: Request, key: str) -> None:
        """``key`` is the same for every attempt at the same message. Raises SendFailed."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        if request.token:
            headers["Authorization"] = f"Bearer {request.token}"
        proxy = self._proxy(request)
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._session.post(
                    # As it is given: an address is signed, or is a secret itself.
                    URL(request.url, encoded=request.url.isascii()),
                    data=orjson.dumps(request.body),
                    headers=headers,
                    proxy=proxy,
                    max_redirects=_REDIRECTS,
                    timeout=aiohttp.ClientTimeout(total=None),
                ) as response,
            ):
                await _judge(request, response)
        except TimeoutError as error:
            raise _unsent(request, f"no answer within {self._timeout:g}s") from error
        except aiohttp.TooManyRedirects as error:
            raise _unsent(request, f"stopped after {_REDIRECTS} redirects") from error
        except aiohttp.ClientResponseError as error:
            # Its text holds the address.
            raise _unsent(request, f"{error.status} {error.message}") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            cause = " ".join(str(error).split()) or type(error).__name__
            raise _unsent(request, cause.replace(request.url, shown(request.url))) from error

    def _proxy(self, request: Request) -> str | None:
        if not request.proxy:
            return proxy_for(URL(request.url), self._environ)
        if not absolute(request.proxy):
            raise SendFailed(
                f"unable to parse proxy URL '{shown(request.proxy)}', error: "
                "accepted is a whole http or https URL"
            )
        return request.proxy


def _unsent(request: Request, cause: str) -> SendFailed:
    text = f'sending notification failed to send: Post "{shown(request.url)}": {cause}'
    return SendFailed(text, again=True)


async def _judge(request: Request, response: aiohttp.ClientResponse) -> None:
    """Raises SendFailed unless the answer says that the message was taken."""
    status = response.status
    if not 200 <= status < 300:
        said = (await _start_of(response)).decode(errors="replace")
        text = f"sending notification bad response {status}: {_quoted(said)}"
        again = status == HTTPStatus.TOO_MANY_REQUESTS or status >= 500
        raise SendFailed(text, again=again, after=_seconds(response.headers.get("Retry-After")))
    if URL(request.url).host == "slack.com":
        refusal = _refusal(await _start_of(response))
        if refusal:
            raise SendFailed(f"sending notification bad response {status}: {_quoted(refusal)}")


def _refusal(answer: bytes) -> str:
    """Why Slack's API refuses with 200 (notifications 7.6); empty when it doesn't."""
    try:
        said = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(said, dict) or said.get("ok") is not False:
        return ""
    return str(said.get("error") or "ok is false")


async def _start_of(response: aiohttp.ClientResponse) -> bytes:
    found = b""
    while len(found) < _LONGEST_ANSWER:
        chunk = await response.content.read(_LONGEST_ANSWER - len(found))
        if not chunk:
            break
        found += chunk
    return found


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_QUOTE else f"{line[: _LONGEST_QUOTE - 3]}..."


def _seconds(header: str | None) -> float:
    return float(header) if header and header.isdigit() and len(header) < 6 else 0.0
