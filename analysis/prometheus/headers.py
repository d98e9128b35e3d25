"""The headers of a request: what the template asks for, and exactly one Authorization."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence

from analysis.interface import SourceError

Headers = tuple[tuple[str, str], ...]

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SINGLE = ("authorization", "host")
_FRAMING = ("content-length", "transfer-encoding", "trailer")


def request_headers(
    given: Mapping[str, Sequence[str]],
    secret: Mapping[str, bytes] | None,
    login: tuple[str, str] | None,
) -> Headers:
    """All headers; the Secret's credentials win over ``given`` ones, those over the URL's.

    Raises SourceError for a missing key of the Secret and for what HTTP can't carry.
    """
    headers = [(name, value) for name, values in given.items() for value in values]
    for name, value in headers:
        _check(name, value)
    _check_counts(headers)
    credentials = _credentials(secret)
    if credentials is not None:
        headers = [header for header in headers if header[0].lower() != "authorization"]
    elif login is not None and not any(name.lower() == "authorization" for name, _ in headers):
        credentials = _basic(login[0].encode(), login[1].encode())
    if credentials is not None:
        headers.append(("Authorization", credentials))
    return tuple(headers)


def _check(name: str, value: str) -> None:
    if not _NAME.fullmatch(name):
        raise SourceError(f"prometheus header {name!r} is not a header name")
    if name.lower() in _FRAMING:
        raise SourceError(f"prometheus header {name} can't be set: it belongs to the transport")
    if _CONTROL.search(value):
        raise SourceError(f"prometheus header {name} holds a control character")


def _check_counts(headers: Sequence[tuple[str, str]]) -> None:
    for single in _SINGLE:
        count = sum(name.lower() == single for name, _ in headers)
        if count > 1:
            raise SourceError(
                f"prometheus header {single.title()} has {count} values; exactly one is accepted"
            )


def _credentials(secret: Mapping[str, bytes] | None) -> str | None:
    """The Authorization that the Secret asks for; empty credentials ask for none."""
    if secret is None:
        return None
    if "token" in secret:
        token = _text(secret["token"])
        return f"Bearer {token}" if token else None
    for key in ("username", "password"):
        if key not in secret:
            raise SourceError(f"prometheus credentials does not contain a {key}")
    user, password = secret["username"], secret["password"]
    return _basic(user, password) if user and password else None


def _text(token: bytes) -> str:
    try:
        text = token.decode()
    except UnicodeDecodeError as error:
        raise SourceError("prometheus credentials: the token is not UTF-8") from error
    if _CONTROL.search(text):
        # Often the line break that ``echo`` adds; the token itself must not show up in an event.
        raise SourceError("prometheus credentials: the token holds a line break or the like")
    return text


def _basic(user: bytes, password: bytes) -> str:
    return "Basic " + b64encode(user + b":" + password).decode()
