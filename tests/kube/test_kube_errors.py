"""What an answer of the API server amounts to."""

from __future__ import annotations

import pytest

from canary.kube.errors import (
    AlreadyExists,
    ApiError,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    ServerError,
    TooManyRequests,
    Unauthorized,
    from_response,
    from_status,
)
from canary.kube.transport import Response

UNDECLARED = (
    "failed to create typed patch object (shop/app; gateway.networking.k8s.io/v1, Kind=HTTPRoute): "
    ".spec.rules[0].filters[0].requestMirror.percent: field not declared in schema"
)


@pytest.mark.parametrize(
    ("code", "body", "kind"),
    [
        (400, {"reason": "BadRequest"}, Invalid),
        (401, {}, Unauthorized),
        (403, {}, Forbidden),
        (404, {}, NotFound),
        (409, {"reason": "AlreadyExists", "message": "taken"}, AlreadyExists),
        (409, {"reason": "Conflict", "message": "changed"}, Conflict),
        (410, {"reason": "Expired", "message": "too old"}, Gone),
        (410, {}, Gone),
        (422, {"reason": "Invalid", "message": "no"}, Invalid),
        (429, {}, TooManyRequests),
        (499, {}, ApiError),
        (500, {}, ServerError),
        (500, {"message": "etcd is away"}, ServerError),
        # As a real server answers: asking again can't help, and somebody has to be told.
        (500, {"message": UNDECLARED}, Invalid),
        (502, {}, ServerError),
        (418, {}, ApiError),
    ],
)
def test_kinds(code: int, body: dict[str, object], kind: type[ApiError]) -> None:
    """By status, and by reason or message where that says more."""
    found = from_status(code, body)
    assert (type(found), found.status) == (kind, code)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"reason": "Invalid", "message": "spec.x: no"}, "spec.x: no"),
        ({"reason": "Invalid", "message": None}, "Invalid"),
        ({}, "the server answered 422"),
    ],
)
def test_an_error_says_what_the_server_said(body: dict[str, object], message: str) -> None:
    """Events quote it: the best that there is."""
    error = from_status(422, body)
    assert (str(error), error.message) == (message, message)
    assert error.reason == str(body.get("reason") or "")


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), ("1.5", 1.5), ("", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None)],
)
def test_how_long_to_wait_is_known_if_the_server_says_seconds(
    said: str, seconds: float | None
) -> None:
    assert from_status(429, {}, said).retry_after == seconds
    headers = {"retry-after": said} if said else {}
    assert from_response(Response(429, headers, b"{}")).retry_after == seconds


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"kind": "Status", "message": "no such pod"}', "no such pod"),
        (b"<html>a proxy</html>", "<html>a proxy</html>"),
        (b'["a", "list"]', "['a', 'list']"),
        (b'"a text"', "a text"),
        (b"\xff", "\N{REPLACEMENT CHARACTER}"),
        (b"", "the server answered 404"),
        (b"a" * 1000, "a" * 500),
        (b'"' + b"a" * 1000 + b'"', "a" * 500),
    ],
)
def test_whatever_stands_between_can_answer_anything(body: bytes, message: str) -> None:
    error = from_response(Response(404, {}, body))
    assert (type(error), error.message) == (NotFound, message)
