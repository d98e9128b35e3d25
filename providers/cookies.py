"""Cookies of session affinity: what is set, and how their bearers are recognised (providers 2.7).

A pair is ``NAME=VALUE``, as the status keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from providers import names
from providers.durations import whole_seconds
from providers.expressions import escape, unescape
from providers.interface import Object, Problem

HEADER = "Cookie"

_DEFAULT_MAX_AGE = 86400
_DEFAULT_INTERVAL = 60
_OURS = re.compile(r"\^\(\.\*;\\s\*\)\?(.+)\(;\.\*\)\?\$")
_FLAGGERS = re.compile(r"\.\*(.+)\.\*([a-zA-Z]{10})\.\*")


def pattern(pair: str) -> str:
    """Regular expression on the whole header ``Cookie`` that exactly this cookie matches (D39)."""
    return rf"^(.*;\s*)?{escape(pair)}(;.*)?$"


def beginnings(canary: Object, pairs: Iterable[str]) -> tuple[str, ...]:
    """How the cookies begin that the engine hands out, or did (``pairs``) before an edit."""
    wanted = names.affinity(canary)
    known = [wanted.get("cookieName"), wanted.get("primaryCookieName")]
    known += [pair.partition("=")[0] for pair in pairs]
    return tuple(f"{name}=" for name in known if name)


def bearing(pair: str) -> list[dict[str, Any]]:
    """The condition for who bears this cookie, as an item of ``analysis.match``; none if empty."""
    return [{"headers": {HEADER: {"regex": pattern(pair)}}}] if pair else []


def recognised(expression: str) -> str:
    """The pair of an expression that this engine or Flagger made; empty for any other."""
    found = _OURS.fullmatch(expression)
    if found:
        return unescape(found[1])
    found = _FLAGGERS.fullmatch(expression)
    return f"{found[1]}={found[2]}" if found else ""


def problems(canary: Object) -> Iterator[Problem]:
    """What sticky sessions can't be combined with: a condition of the service on the same header.
    Beside an A/B test they have no effect (D12)."""
    field = "spec.analysis.sessionAffinity"
    if not names.affinity(canary) or names.analysis(canary).get("match"):
        return
    for index, item in enumerate(names.service(canary).get("match") or ()):
        for name in item.get("headers") or ():
            if name.lower() == "cookie":
                path = f"spec.service.match[{index}].headers.{name}"
                yield Problem(path, f"{path} can't be combined with {field}: remove one")


def canary_cookie(canary: Object, pair: str) -> str:
    """``Set-Cookie`` that keeps a user on the canary, for ``maxAge`` seconds."""
    age = names.affinity(canary).get("maxAge") or _DEFAULT_MAX_AGE
    return _set_cookie(canary, pair, int(age))


def primary_cookie(canary: Object, pair: str) -> str:
    """``Set-Cookie`` that keeps a user on the primary, for an interval of the analysis."""
    seconds = whole_seconds(str(names.analysis(canary).get("interval") or ""))
    return _set_cookie(canary, pair, seconds or _DEFAULT_INTERVAL)


def expiry(canary: Object, pair: str) -> str:
    """``Set-Cookie`` that makes a browser forget the cookie: with the attributes it was set with,
    since it would keep it otherwise (D39)."""
    return _set_cookie(canary, pair, -1)


def _set_cookie(canary: Object, pair: str, age: int) -> str:
    wanted = names.affinity(canary)
    parts = [pair, f"Max-Age={age}"]
    if wanted.get("domain"):
        parts.append(f"Domain={wanted['domain']}")
    if wanted.get("httpOnly"):
        parts.append("HttpOnly")
    if wanted.get("partitioned"):
        parts.append("Partitioned")
    if wanted.get("path"):
        parts.append(f"Path={wanted['path']}")
    if wanted.get("sameSite"):
        parts.append(f"SameSite={wanted['sameSite']}")
    if wanted.get("secure"):
        parts.append("Secure")
    return "; ".join(parts)
