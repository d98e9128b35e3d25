"""Redirects: only those that repeat the POST are followed (webhooks 8.3)."""

from __future__ import annotations

import pytest
from aiohttp import web
from hook_receiver import hook

from canary.hooks import Passed, Refused

BODY = b"{}"


def redirects(receiver, status, *locations):
    """The n-th call is sent on to the n-th location, the last one is answered with 200."""
    coming = list(locations)

    async def handler(request):
        if not coming:
            return web.Response(text="OK")
        return web.Response(status=status, headers={"Location": coming.pop(0)})

    receiver.handler = handler


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_redirect_to_a_get_is_a_failure(receiver, client, pauses, status):
    redirects(receiver, status, "http://user:s3cret@sso.test/login")
    assert await client.call(hook(receiver.url, retries=3), BODY, "k") == Refused(
        f"POST {receiver.url} was redirected with status {status} to "
        '"http://user:xxxxx@sso.test/login"; accepted are 307 and 308, which keep the method',
        status,
    )
    assert len(receiver.calls) == 1
    assert pauses == []


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [307, 308])
async def test_a_redirect_that_keeps_the_method_is_followed(
    receiver, other_receiver, client, status
):
    redirects(receiver, status, "/next", "deeper?a=b", f"{other_receiver.url}/there")
    assert await client.call(hook(receiver.url), b'{"a":1}', "k") == Passed(200)
    calls = [*receiver.calls, *other_receiver.calls]
    assert [call.path for call in calls] == ["/", "/next", "/deeper?a=b", "/there"]
    assert {(c.method, c.body, c.headers["Idempotency-Key"]) for c in calls} == {
        ("POST", b'{"a":1}', "k")
    }


@pytest.mark.asyncio
async def test_the_final_status_decides(receiver, other_receiver, client):
    redirects(receiver, 307, other_receiver.url)
    other_receiver.says(403, "Forbidden")
    assert await client.call(hook(receiver.url), BODY, "k") == Refused("Forbidden", 403)


# Go's client follows nine and stops at the tenth, in these words.
@pytest.mark.asyncio
@pytest.mark.parametrize(("count", "passes"), [(9, True), (10, False), (1000, False)])
async def test_a_loop_is_left(receiver, client, pauses, count, passes):
    redirects(receiver, 307, *["/loop"] * count)
    answer = await client.call(hook(receiver.url, retries=3), BODY, "k")
    stopped = (
        f"POST {receiver.url} giving up after 1 attempt(s): "
        f'Post "{receiver.url}/loop": stopped after 10 redirects'
    )
    assert answer == (Passed(200) if passes else Refused(stopped, None))
    assert len(receiver.calls) == 10
    assert pauses == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("ftp://x/", 'Post "ftp://x/": unsupported protocol scheme "ftp"'),
        ("file:///etc/passwd", 'Post "file:///etc/passwd": unsupported protocol scheme "file"'),
        (
            "http://[::1",
            'Post "{url}": failed to parse Location header "http://[::1": '
            "parse \"http://[::1\": missing ']' in host",
        ),
    ],
)
async def test_redirects_to_nowhere(receiver, client, pauses, location, said):
    redirects(receiver, 308, location)
    answer = await client.call(hook(receiver.url, retries=3), BODY, "k")
    gave_up = f"POST {receiver.url} giving up after 1 attempt(s): "
    assert answer == Refused(gave_up + said.format(url=receiver.url), None)
    assert pauses == []


@pytest.mark.asyncio
async def test_a_redirect_without_a_target_is_an_answer(receiver, client):
    receiver.says(307, "body")
    assert await client.call(hook(receiver.url), BODY, "k") == Refused("body", 307)
