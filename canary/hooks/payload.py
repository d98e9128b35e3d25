"""What is sent to a hook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson

_FNV_OFFSET, _FNV_PRIME = 2166136261, 16777619
_DIGITS = str.maketrans("0123456789", "456789bcdf")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Go's encoder writes these so, for JSON within HTML and JavaScript; they occur in strings only.
_GO_ESCAPES = {
    "<": rb"\u003c",
    ">": rb"\u003e",
    "&": rb"\u0026",
    "\N{LINE SEPARATOR}": rb"\u2028",
    "\N{PARAGRAPH SEPARATOR}": rb"\u2029",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """The Canary that a call is about; ``phase`` is its status phase, empty before the first."""

    name: str
    namespace: str
    phase: str
    checksum: str


@dataclass(frozen=True, slots=True)
class HookEvent:
    """A Kubernetes event as event hooks get it.

    ``subject`` has the phase after the transition that the event reports (webhooks 8.15).
    """

    subject: Subject
    text: str
    warning: bool
    at: datetime


def checksum(tracked: Mapping[str, str] | None, last_applied: str) -> str:
    """The revision under analysis, from ``status.trackedConfigs`` and ``.lastAppliedSpec``.

    FNV-1a of 32 bits over Go's print of both, its decimal digits written without vowels.
    """
    configs = "<nil>"
    if tracked is not None:
        configs = f"map[{' '.join(f'{key}:{value}' for key, value in sorted(tracked.items()))}]"
    text = (
        "(struct { TrackedConfigs *map[string]string; LastAppliedSpec string })"
        f"{{TrackedConfigs:(*map[string]string){configs} LastAppliedSpec:(string){last_applied}}}"
    )
    digest = _FNV_OFFSET
    for byte in text.encode():
        digest = (digest ^ byte) * _FNV_PRIME & 0xFFFFFFFF
    return str(digest).translate(_DIGITS)


def hook_payload(subject: Subject, metadata: Mapping[str, str] | None) -> bytes:
    """The body of a call; ``metadata`` is the hook's own."""
    body: dict[str, object] = {
        "name": subject.name,
        "namespace": subject.namespace,
        "phase": subject.phase,
        "checksum": subject.checksum,
    }
    if metadata:
        body["metadata"] = dict(sorted(metadata.items()))
    encoded = orjson.dumps(body)
    for character, escape in _GO_ESCAPES.items():
        encoded = encoded.replace(character.encode(), escape)
    return encoded


def event_payload(event: HookEvent, metadata: Mapping[str, str] | None) -> bytes:
    """The body for an event hook; its own ``metadata`` can't hide what the event says."""
    told = {
        "eventMessage": event.text,
        "eventType": "Warning" if event.warning else "Normal",
        "timestamp": str((event.at - _EPOCH) // timedelta(milliseconds=1)),
    }
    return hook_payload(event.subject, {**(metadata or {}), **told})
