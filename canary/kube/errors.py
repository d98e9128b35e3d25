"""What an API server can answer instead of an object."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from canary.kube.transport import Response


class ApiError(Exception):
    """The API server refused. ``str()`` is its own message, which events quote."""

    def __init__(
        self, status: int, reason: str, message: str, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.retry_after = retry_after


class NotFound(ApiError):
    """404: no such object, or no such resource."""


class AlreadyExists(ApiError):
    """409 on a creation."""


class Conflict(ApiError):
    """409: a precondition failed."""


class Gone(ApiError):
    """410: the version asked for has been compacted."""


class Invalid(ApiError):
    """422 or 400: the object is not acceptable. So it is where the server has no place for a field
    that is applied, although it says 500 then."""


class Forbidden(ApiError):
    """403."""


class Unauthorized(ApiError):
    """401."""


class TooManyRequests(ApiError):
    """429; ``retry_after`` in seconds if the server said."""


class ServerError(ApiError):
    """5xx: whether a write was applied is unknown."""


class Unreachable(Exception):
    """No answer arrived: whether a write was applied is unknown."""


_BY_STATUS: Mapping[int, type[ApiError]] = {
    400: Invalid,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    422: Invalid,
    429: TooManyRequests,
}
_UNTYPED = "failed to create typed patch object"
"""How the message begins when an applied field isn't in the schema that the server has."""


def from_status(code: int, body: Mapping[str, object], retry_after: str = "") -> ApiError:
    """The error that a Status object (or a bare HTTP answer) amounts to."""
    reason = str(body.get("reason") or "")
    message = str(body.get("message") or reason or f"the server answered {code}")
    kind = _BY_STATUS.get(code, ServerError if code >= 500 else ApiError)
    if reason == "AlreadyExists":
        kind = AlreadyExists
    elif message.startswith(_UNTYPED):
        kind = Invalid
    seconds = float(retry_after) if retry_after.replace(".", "", 1).isdigit() else None
    return kind(code, reason, message, seconds)


def from_response(response: Response) -> ApiError:
    """The error in an HTTP answer of 400 and above."""
    try:
        body = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        body = {"message": response.body[:500].decode(errors="replace")}
    if not isinstance(body, dict):
        body = {"message": str(body)[:500]}
    return from_status(response.status, body, response.headers.get("retry-after", ""))
