"""Credentials and headers: analysis.md 9 (prometheus) and 12 row 11."""

from __future__ import annotations

from base64 import b64encode

import pytest

from analysis.interface import SourceError


def basic(text):
    return "Basic " + b64encode(text.encode()).decode()


async def authorization(server, connection):
    """All Authorization headers of one query."""
    await connection.query("up")
    return server.requests[-1].headers.getall("Authorization", [])


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("secret", "sent"),
    [
        (None, []),
        ({"token": b"t0k"}, ["Bearer t0k"]),
        ({"username": b"user", "password": b"pass"}, [basic("user:pass")]),
        ({"username": b"us\xc3\xa9r", "password": b"p:a"}, [basic("usér:p:a")]),
        # A token is enough, and the only one looked at.
        ({"token": b"t0k", "username": b"user", "password": b"pass"}, ["Bearer t0k"]),
        ({"token": b"t0k", "username": b"user"}, ["Bearer t0k"]),
        # "present, even if empty, means no other key is required"
        ({"token": b""}, []),
        ({"username": b"", "password": b"pass"}, []),
        ({"username": b"user", "password": b""}, []),
    ],
)
async def test_credentials_of_the_secret(server, connect, secret, sent):
    assert await authorization(server, connect(server.url, secret)) == sent


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ({}, "prometheus credentials does not contain a username"),
        ({"password": b"pass"}, "prometheus credentials does not contain a username"),
        ({"username": b"user"}, "prometheus credentials does not contain a password"),
    ],
)
@pytest.mark.asyncio
async def test_missing_keys_are_named(connect, secret, text):
    with pytest.raises(SourceError) as caught:
        connect("http://prom", secret)
    assert str(caught.value) == text


# "user info in the address becomes basic auth if there is no other"
@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("secret", "headers", "sent"),
    [
        (None, {}, basic("me:url")),
        ({"token": b""}, {}, basic("me:url")),
        ({"token": b"t0k"}, {}, "Bearer t0k"),
        ({"username": b"user", "password": b"pass"}, {}, basic("user:pass")),
        (None, {"Authorization": ["Custom x"]}, "Custom x"),
        (None, {"authorization": ["Custom x"]}, "Custom x"),
    ],
)
async def test_user_info_of_the_address(server, connect, secret, headers, sent):
    address = server.url.replace("http://", "http://me:url@")
    connection = connect(address, secret, headers=headers)
    assert await authorization(server, connection) == [sent]


# Row 11: exactly one, and the same at the tenth check as at the first.
@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
@pytest.mark.parametrize(
    ("secret", "sent"),
    [
        ({"token": b"t0k"}, "Bearer t0k"),
        ({"username": b"user", "password": b"pass"}, basic("user:pass")),
    ],
)
async def test_the_secret_wins_over_a_header(server, connect, name, secret, sent):
    provider = {"headers": {name: ["Custom x"]}}
    for _ in range(3):
        assert await authorization(server, connect(server.url, secret, **provider)) == [sent]
    assert provider == {"headers": {name: ["Custom x"]}}


@pytest.mark.asyncio
async def test_a_rotated_token_is_used_at_the_next_check(server, connect):
    headers = {"X-Scope-OrgID": ["a"]}
    for token in ("old", "new"):
        connection = connect(server.url, {"token": token.encode()}, headers=headers)
        assert await authorization(server, connection) == [f"Bearer {token}"]


@pytest.mark.asyncio
async def test_several_values_repeat_a_header(server, connect):
    headers = {"X-Scope-OrgID": ["a", "b"], "X-One": ["é,1"], "X-None": []}
    await connect(server.url, headers=headers).query("up")
    received = server.requests[0].headers
    assert received.getall("X-Scope-OrgID") == ["a", "b"]
    assert received.getall("X-One") == ["é,1"]
    assert "X-None" not in received


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "headers",
    [
        {"X-A": ["a\r\nX-B: b"]},
        {"X-A": ["a\x00"]},
        {"X A": ["a"]},
        {"X-A:": ["a"]},
        {"": ["a"]},
        {"X-Ä": ["a"]},
        {"Content-Length": ["5"]},
        {"transfer-encoding": ["chunked"]},
        {"Authorization": ["a", "b"]},
        {"Authorization": ["a"], "authorization": ["b"]},
        {"Host": ["a", "b"]},
    ],
)
async def test_what_http_can_not_carry_is_refused(connect, headers):
    with pytest.raises(SourceError, match="prometheus header"):
        connect("http://prom", headers=headers)


@pytest.mark.asyncio
@pytest.mark.parametrize("token", [b"s3cret\n", b"s3\r\ncret", b"s3cret\x00", b"s3cret\xff"])
async def test_a_token_that_is_no_header_is_refused_without_showing_it(connect, token):
    with pytest.raises(SourceError, match="prometheus credentials") as caught:
        connect("http://prom", {"token": token})
    assert "cret" not in str(caught.value)


@pytest.mark.asyncio
async def test_credentials_stay_with_the_server_they_are_for(server, other_server, connect):
    server.says("", 302, headers={"Location": f"{other_server.url}/api/v1/query?query=up"})
    secret = {"token": b"t0k"}
    assert await authorization(server, connect(server.url, secret)) == ["Bearer t0k"]
    (redirected,) = other_server.requests
    assert "Authorization" not in redirected.headers


@pytest.mark.asyncio
async def test_cookies_are_not_kept(server, connect):
    server.says("{}", headers={"Set-Cookie": "tenant=a"})
    for _ in range(2):
        await connect(server.url).query("up")
    assert "Cookie" not in server.requests[1].headers
