"""Flagger's status, presented from the record; never read back while the seal holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from canary.rollout.codec import encode
from canary.rollout.record import Record
from canary.rollout.stage import Stage

PROMOTED = "Promoted"
BLOCKED = "Blocked"
"""Ours: something keeps the Canary from being run; reason and message say what."""
WARNING = "SpecWarning"
"""Ours: fields that are accepted but can't mean what they say, and what applies instead."""
QUEUED = "Queued"
"""Ours: a run waits for its turn; the message says at which place."""

_SEALED = (
    "phase",
    "canaryWeight",
    "failedChecks",
    "iterations",
    "lastAppliedSpec",
    "lastPromotedSpec",
    "trackedConfigs",
)


@dataclass(frozen=True, slots=True)
class Notice:
    """A condition of our own."""

    type: str
    reason: str
    message: str


def seal(status: Mapping[str, Any]) -> str:
    """Digest of the Flagger fields of ``status``: tells whether somebody else wrote them."""
    fields = [status.get(name) for name in _SEALED]
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def sealed_by_us(status: Mapping[str, Any]) -> bool:
    """Whether the Flagger fields are as the record's last write left them."""
    engine = status.get("engine")
    return isinstance(engine, Mapping) and engine.get("seal") == seal(status)


def present(
    record: Record,
    kind: str,
    before: Mapping[str, Any],
    now: datetime,
    notices: Sequence[Notice] = (),
) -> dict[str, Any]:
    """The whole status for ``record``.

    ``kind`` is the target's kind, ``before`` the status that is replaced: fields that the engine
    doesn't know stay. Weights are those of record in every phase (D17).
    """
    status = dict(before)
    failed_checks = record.run.failed_checks if record.run else 0
    if record.stage in (Stage.INITIALIZING, Stage.INITIALIZED, Stage.FAILED, Stage.WAITING):
        failed_checks = 0
    status |= {
        "phase": record.stage.value,
        "canaryWeight": record.weight,
        "failedChecks": failed_checks,
        "iterations": _iterations(record),
        "lastTransitionTime": _rfc3339(now),
    }
    if record.applied:
        status["lastAppliedSpec"] = record.applied.template
        if kind != "Service":  # It refers to none.
            status["trackedConfigs"] = dict(record.applied.configs)
    for name, cookie in _cookies(record).items():
        status.pop(name, None)
        status |= {name: cookie} if cookie else {}
    if record.promoted:
        status["lastPromotedSpec"] = record.promoted.template
    status["conditions"] = _conditions(record, kind, before, now, notices)
    status["engine"] = encode(record) | {"seal": seal(status)}
    return status


def _iterations(record: Record) -> int:
    """Progress of Blue/Green and A/B, as long as it is one; never below 0 (D17)."""
    counts = (Stage.PROGRESSING, Stage.WAITING_PROMOTION, Stage.PROMOTING)
    return record.run.iteration if record.run and record.stage in counts else 0


def _cookies(record: Record) -> dict[str, str]:
    return {
        "sessionAffinityCookie": record.affinity.canary,
        "primarySessionAffinityCookie": record.affinity.primary,
        "previousSessionAffinityCookie": record.affinity.previous,
    }


def _conditions(
    record: Record,
    kind: str,
    before: Mapping[str, Any],
    now: datetime,
    notices: Sequence[Notice],
) -> list[dict[str, Any]]:
    old = {c.get("type"): c for c in before.get("conditions") or () if isinstance(c, Mapping)}
    promoted = _condition(
        old.get(PROMOTED),
        PROMOTED,
        record.stage.promoted,
        record.stage.value,
        record.stage.message(kind, scaled_down=record.weight == 0 or record.falls),
        now,
    )
    own = [_condition(old.get(n.type), n.type, "True", n.reason, n.message, now) for n in notices]
    ours = {PROMOTED, BLOCKED, WARNING, QUEUED}
    foreign = [dict(c) for name, c in old.items() if name not in ours]
    return [promoted, *own, *foreign]


def _condition(
    old: Mapping[str, Any] | None, type_: str, status: str, reason: str, message: str, now: datetime
) -> dict[str, Any]:
    """One condition; an old one with the same status and reason is left alone (``api.md`` 5.1)."""
    if (
        old
        and (old.get("status"), old.get("reason")) == (status, reason)
        and (type_ == PROMOTED or old.get("message") == message)
    ):
        return dict(old)
    changed = not old or old.get("status") != status
    stamp = _rfc3339(now)
    return {
        "type": type_,
        "status": status,
        "reason": reason,
        "message": message,
        "lastUpdateTime": stamp,
        "lastTransitionTime": stamp if changed else _since(old, stamp),
    }


def _since(old: Mapping[str, Any] | None, stamp: str) -> str:
    """When the condition got its status; others may have left that out."""
    return str((old or {}).get("lastTransitionTime") or stamp)


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
