"""Where a query goes: analysis.md 9 (prometheus) and 12 row 23."""

from __future__ import annotations

import pytest

from analysis.interface import SourceError
from analysis.prometheus.address import parse_address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "prometheus",
        # Row 23
        "prom:9090",
        "//prom:9090",
        "ftp://prom:9090",
        "file:///etc/passwd",
        "unix:///run/prom.sock",
        "http://",
        "http:///path",
        "http://:9090",
        "http://prom:port",
        "http://prom:99999",
        "http://prom:-1",
        "http://[::1",
        "http://pro m:9090",
        "http://prom:9090\n",
        "http://prom:9090/a\r\nX: y",
        "\thttp://prom",
    ],
)
def test_what_is_no_address(address):
    with pytest.raises(SourceError) as caught:
        parse_address(address)
    assert str(caught.value) == f"prometheus address {address} is not a valid URL"


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("http://prom:9090", "http://prom:9090/api/v1/query?query=up"),
        ("http://prom:9090/", "http://prom:9090/api/v1/query?query=up"),
        ("http://prom:9090/a/b", "http://prom:9090/a/b/api/v1/query?query=up"),
        ("http://prom:9090/a/b/", "http://prom:9090/a/b/api/v1/query?query=up"),
        ("https://prom", "https://prom/api/v1/query?query=up"),
        ("HTTPS://prom", "https://prom/api/v1/query?query=up"),
        # The query string of the address is dropped.
        ("http://prom:9090/a?x=1&query=down", "http://prom:9090/a/api/v1/query?query=up"),
        ("http://prom:9090/a#part", "http://prom:9090/a/api/v1/query?query=up"),
        ("http://prom:9090/a%2Fb", "http://prom:9090/a%2Fb/api/v1/query?query=up"),
        ("http://10.0.0.1:9090", "http://10.0.0.1:9090/api/v1/query?query=up"),
        ("http://[::1]:9090", "http://[::1]:9090/api/v1/query?query=up"),
        # User info is no part of the URL that is sent.
        ("http://user:secret@prom:9090/a", "http://prom:9090/a/api/v1/query?query=up"),
    ],
)
def test_the_path_is_kept_as_a_prefix(address, url):
    assert str(parse_address(address).query_url("up")) == url


@pytest.mark.parametrize(
    ("address", "login"),
    [
        ("http://prom", None),
        ("http://user:secret@prom", ("user", "secret")),
        ("http://us%20er:p%40ss%3A@prom", ("us er", "p@ss:")),
        ("http://user@prom", ("user", "")),
        ("http://user:@prom", ("user", "")),
        # Go sends this one too.
        ("http://:secret@prom", ("", "secret")),
    ],
)
def test_user_info(address, login):
    assert parse_address(address).login == login


# Every run of ASCII white space becomes one space; then form encoding, space as +.
@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("up", "up"),
        ("a b", "a+b"),
        ("a \t\r\n\f  b", "a+b"),
        (" up\n", "+up+"),
        ('x{a="b",c!~"5.*"}', "x%7Ba%3D%22b%22%2Cc%21~%225.%2A%22%7D"),
        ("a+b&c=d;e/f?g#h%i", "a%2Bb%26c%3Dd%3Be%2Ff%3Fg%23h%25i"),
        ("a-b_c.d~e", "a-b_c.d~e"),
        ("é", "%C3%A9"),
        # Not ASCII white space, so not collapsed.
        ("a\u00a0\u00a0b", "a%C2%A0%C2%A0b"),
        ("a\v\vb", "a%0B%0Bb"),
    ],
)
def test_how_a_query_is_encoded(text, encoded):
    url = parse_address("http://prom").query_url(text)
    assert url.raw_query_string == f"query={encoded}"


@pytest.mark.asyncio
async def test_what_goes_over_the_wire(server, connect):
    query = ' sum( rate( x{ a="b c" }[1m] ) )\n  / sum(y) * 100'
    await connect(f"{server.url}/prefix/?x=1").query(query)
    (request,) = server.requests
    assert request.method == "GET"
    assert request.raw_path == (
        "/prefix/api/v1/query?query="
        "+sum%28+rate%28+x%7B+a%3D%22b+c%22+%7D%5B1m%5D+%29+%29+%2F+sum%28y%29+%2A+100"
    )
    assert not request.can_read_body
    assert set(request.query) == {"query"}
