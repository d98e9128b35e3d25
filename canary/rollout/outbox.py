"""How announcements are stored until they are delivered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from canary.api.hooks import HookType, Severity
from canary.rollout.announcement import Alert, Announcement


def encode(outbox: Iterable[Announcement]) -> list[dict[str, Any]]:
    """The announcements as they are stored; empty parts are left out."""
    return [
        {"seq": item.seq, "text": item.text}
        | _filled(
            warning=item.warning,
            error=item.error,
            alert=_encode_alert(item.alert) if item.alert else None,
            phase=item.phase,
            hooks=item.hooks.value if item.hooks else "",
        )
        for item in outbox
    ]


def decode(stored: Iterable[Mapping[str, Any]]) -> tuple[Announcement, ...]:
    """Raises KeyError, TypeError, AttributeError or ValueError where they are damaged."""
    return tuple(
        Announcement(
            int(item["seq"]),
            str(item["text"]),
            bool(item.get("warning", False)),
            bool(item.get("error", False)),
            _decode_alert(item["alert"]) if item.get("alert") else None,
            str(item.get("phase", "")),
            HookType(item["hooks"]) if item.get("hooks") else None,
        )
        for item in stored
    )


def _encode_alert(alert: Alert) -> dict[str, Any]:
    evidence = [{"name": name, "value": value} for name, value in alert.evidence]
    return {"severity": alert.severity, "text": alert.text} | _filled(
        meta=alert.meta, evidence=evidence
    )


def _decode_alert(stored: Mapping[str, Any]) -> Alert:
    severity, evidence = stored["severity"], stored.get("evidence", ())
    return Alert(
        _severity(severity), str(stored["text"]), bool(stored.get("meta", False)), _pairs(evidence)
    )


def _severity(stored: object) -> Severity:
    for known in get_args(Severity):
        if stored == known:
            found: Severity = known
            return found
    raise ValueError(f"status.engine.outbox: {stored!r} is not a severity")


def _pairs(stored: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(item["name"]), str(item["value"])) for item in stored)


def _filled(**parts: Any) -> dict[str, Any]:
    return {key: value for key, value in parts.items() if value}
