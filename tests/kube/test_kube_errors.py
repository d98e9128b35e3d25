"""What an answer of the API server amounts to."""

from __future__ import annotations

import pytest

from canary.kube.errors import (
    AlreadyExists,
    ApiError,
    Conflict,
    Gone,
    Invalid,
    ServerError,
    from_status,
)

UNDECLARED = (
    "failed to create typed patch object (shop/app; gateway.networking.k8s.io/v1, Kind=HTTPRoute): "
    ".spec.rules[0].filters[0].requestMirror.percent: field not declared in schema"
)


@pytest.mark.parametrize(
    ("code", "body", "kind"),
    [
        (409, {"reason": "AlreadyExists", "message": "taken"}, AlreadyExists),
        (409, {"reason": "Conflict", "message": "changed"}, Conflict),
        (410, {"reason": "Expired", "message": "too old"}, Gone),
        (422, {"reason": "Invalid", "message": "no"}, Invalid),
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
