"""A hook's URL: Go's grammar, whose complaints are known to users, and what must not be shown."""

from __future__ import annotations

import re

from yarl import URL

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*(?=:)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_USER = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_NO_HOST = re.compile(r"[^A-Za-z0-9\-_.~!$&'()*+,;=:\[\]<>\"%\u0080-\U0010ffff]")
_PORT = re.compile(r"(?::[0-9]*)?")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2}).{0,2}", re.S)
# In a host an escape may stand for a byte beyond ASCII only.
_BAD_HOST_ESCAPE = re.compile(r"%(?![89A-Fa-f][0-9A-Fa-f]).{0,2}", re.S)
# Text of nothing but these is sent as it stands: what a receiver signed must not be spelled anew.
_LEGAL = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
_PASSWORD = re.compile(r"(//[^/?#:@]*):[^/?#]*@")

_ESCAPES = {code: f"\\x{code:02x}" for code in (*range(32), 127)}
_ESCAPES |= {
    ord(plain): f"\\{short}" for plain, short in zip('"\\\a\b\f\n\r\t\v', '"\\abfnrtv', strict=True)
}


class InvalidUrl(ValueError):
    """Text that is no URL, in the words of Go's parser."""

    def __init__(self, text: str, cause: str) -> None:
        super().__init__(f"parse {quoted(text)}: {cause}")


class Unusable(ValueError):
    """A URL that nothing can be sent to."""


def quoted(text: str) -> str:
    """``text`` in quotes as Go writes it, without the password of a URL."""
    return f'"{redacted(text).translate(_ESCAPES)}"'


def redacted(text: str) -> str:
    """A URL with ``xxxxx`` for its password: events are read by many."""
    return _PASSWORD.sub(r"\1:xxxxx@", text)


def check(text: str) -> None:
    """Raises InvalidUrl where ``text`` doesn't even parse."""
    cause = _cause(text)
    if cause:
        raise InvalidUrl(text, cause)


def target(text: str, base: URL | None = None) -> URL:
    """Where ``text``, which may be relative to ``base``, leads to; raises ValueError."""
    check(text)
    scheme = _SCHEME.match(text)
    if base is None and (not scheme or scheme.group().lower() not in ("http", "https")):
        found = scheme.group().lower() if scheme else ""
        raise Unusable(f'unsupported protocol scheme "{found}"')
    url = URL(text, encoded=_LEGAL.fullmatch(text) is not None)
    if base:
        url = base.join(url)
    if url.scheme not in ("http", "https"):
        raise Unusable(f'unsupported protocol scheme "{url.scheme}"')
    if not url.host:
        raise Unusable("http: no Host in request URL")
    return url


def _cause(text: str) -> str:
    """What Go's parser has against ``text``; empty if nothing."""
    if _CONTROL.search(text):
        return "net/url: invalid control character in URL"
    if text.startswith(":"):
        return "missing protocol scheme"
    main, _, fragment = text.partition("#")
    rest, _, _ = main.partition("?")
    scheme = _SCHEME.match(rest)
    if scheme:
        rest = rest[scheme.end() + 1 :]
        if not rest.startswith("/"):
            return ""
    elif not rest.startswith("/") and ":" in rest.partition("/")[0]:
        return "first path segment in URL cannot contain colon"
    if rest.startswith("//"):
        authority, slash, path = rest[2:].partition("/")
        cause = _authority(authority)
        if cause:
            return cause
        rest = slash + path
    return _escape(_BAD_ESCAPE, rest) or _escape(_BAD_ESCAPE, fragment)


def _authority(text: str) -> str:
    user, _, host = text.rpartition("@")
    if not _USER.fullmatch(user):
        return "net/url: invalid userinfo"
    if host.startswith("["):
        end = host.rfind("]")
        if end < 0:
            return "missing ']' in host"
        # Brackets hold an address, whose zone may have escapes of its own.
        return _port(host[end + 1 :])
    colon = host.rfind(":")
    cause = _port(host[colon:]) if colon >= 0 else ""
    return cause or _escape(_BAD_HOST_ESCAPE, host) or _character(host)


def _port(text: str) -> str:
    return "" if _PORT.fullmatch(text) else f"invalid port {quoted(text)} after host"


def _character(host: str) -> str:
    found = _NO_HOST.search(host)
    return f"invalid character {quoted(found.group())} in host name" if found else ""


def _escape(bad: re.Pattern[str], text: str) -> str:
    found = bad.search(text)
    return f"invalid URL escape {quoted(found.group())}" if found else ""
