"""What an API server answers when something goes wrong, as the engine's transport sees it."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from canary.kube.transport import Response

_REASONS: Mapping[str, tuple[int, str]] = {
    "409": (409, "Conflict"),
    "404": (404, "NotFound"),
    "exists": (409, "AlreadyExists"),
    "410": (410, "Expired"),
    "422": (422, "Invalid"),
    "429": (429, "TooManyRequests"),
    "500": (500, "InternalError"),
    "503": (503, "ServiceUnavailable"),
}
RETRY_AFTER = "3"


def refusal(kind: str) -> Response | None:
    """The answer of a fault's kind; None for one that is no refusal."""
    if kind not in _REASONS:
        return None
    code, reason = _REASONS[kind]
    status = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "reason": reason,
        "message": f"simulated: {reason}",
        "code": code,
    }
    headers = {"content-type": "application/json"}
    if code in (429, 503):
        headers["retry-after"] = RETRY_AFTER
    return Response(code, headers, orjson.dumps(status))
