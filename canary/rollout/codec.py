"""How a record is stored in ``status.engine``, and read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from canary.api.hooks import HookType
from canary.rollout import outbox
from canary.rollout.intent import Action, Intent
from canary.rollout.record import Record
from canary.rollout.runcodec import (
    decode_revision,
    decode_run,
    encode_revision,
    encode_run,
    moment,
    stamp,
)
from canary.rollout.stage import Stage
from providers.interface import Affinity

VERSION = 1
"""Version of the record's layout. A newer one is never touched: the Canary holds."""


class NewerRecord(Exception):
    """The record was written by a newer engine."""


def encode(record: Record) -> dict[str, Any]:
    """The record as it is stored; empty parts are left out."""
    parts: dict[str, Any] = {
        "version": VERSION,
        "stage": record.stage.value,
        "weight": record.weight,
        "mirror": record.mirror or None,
        "affinity": _encode_affinity(record.affinity) or None,
        "awaits": record.awaits.value if record.awaits else None,
        "confirms": record.confirms or None,
        "heard": record.heard or None,
        "intent": _encode_intent(record.intent),
        "approved": record.approved.value if record.approved else None,
        "seq": record.seq,
        "epoch": record.epoch,
        "run": encode_run(record.run) if record.run else None,
        "applied": encode_revision(record.applied),
        "promoted": encode_revision(record.promoted),
        "primary": encode_revision(record.primary),
        "primaryReplicas": record.primary_replicas or None,
        "scaleTarget": record.scale_target,
        "scalePrimary": record.scale_primary,
        "trafficEnded": stamp(record.traffic_ended),
        "leavingSince": stamp(record.leaving_since),
        "metricsChecked": record.metrics_checked or None,
        "queued": stamp(record.queued),
        "hold": record.hold or None,
        "problem": record.problem or None,
        "reason": record.reason or None,
        "adoptions": record.adoptions or None,
        "runs": record.runs or None,
        "outbox": outbox.encode(record.outbox) or None,
    }
    return {key: value for key, value in parts.items() if value is not None}


def decode(stored: Mapping[str, Any]) -> Record:
    """The record from its stored form; raises NewerRecord, or ValueError when it is damaged."""
    version = stored.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ValueError(f"status.engine.version: {version!r} is not a version")
    if version > VERSION:
        raise NewerRecord(
            f"status.engine has version {version}; this engine knows versions up to {VERSION}"
        )
    try:
        return _decode(stored)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"status.engine is damaged: {error!r}") from error


def _decode(stored: Mapping[str, Any]) -> Record:
    run = stored.get("run")
    return Record(
        stage=Stage(stored["stage"]),
        weight=_weight(stored),
        mirror=bool(stored.get("mirror", False)),
        affinity=_decode_affinity(stored.get("affinity") or {}),
        awaits=HookType(stored["awaits"]) if stored.get("awaits") else None,
        confirms=_count(stored, "confirms"),
        heard=str(stored.get("heard", "")),
        intent=_decode_intent(stored.get("intent")),
        approved=HookType(stored["approved"]) if stored.get("approved") else None,
        run=decode_run(run) if run else None,
        applied=decode_revision(stored.get("applied")),
        promoted=decode_revision(stored.get("promoted")),
        primary=decode_revision(stored.get("primary")),
        primary_replicas=int(stored.get("primaryReplicas", 0)),
        scale_target=_replicas(stored, "scaleTarget"),
        scale_primary=_replicas(stored, "scalePrimary"),
        traffic_ended=moment(stored.get("trafficEnded")),
        leaving_since=moment(stored.get("leavingSince")),
        metrics_checked=bool(stored.get("metricsChecked", False)),
        queued=moment(stored.get("queued")),
        hold=str(stored.get("hold", "")),
        problem=str(stored.get("problem", "")),
        reason=str(stored.get("reason", "")),
        outbox=outbox.decode(stored.get("outbox", ())),
        seq=int(stored["seq"]),
        epoch=int(stored.get("epoch", 0)),
        adoptions=int(stored.get("adoptions", 0)),
        runs=_count(stored, "runs"),
    )


def _count(stored: Mapping[str, Any], name: str) -> int:
    found = stored.get(name, 0)
    if not isinstance(found, int) or isinstance(found, bool) or found < 0:
        raise ValueError(f"status.engine.{name}: {found!r} is not a count")
    return found


def _replicas(stored: Mapping[str, Any], name: str) -> int | None:
    return None if stored.get(name) is None else _count(stored, name)


def _weight(stored: Mapping[str, Any]) -> int:
    weight = _count(stored, "weight")
    if weight > 100 or "weight" not in stored:
        raise ValueError(f"status.engine.weight: {stored.get('weight')!r} is not a weight")
    return weight


def _encode_intent(intent: Intent | None) -> dict[str, str] | None:
    if intent is None:
        return None
    return {name: str(getattr(intent, name)) for name in Intent.__slots__}


def _decode_intent(stored: Mapping[str, Any] | None) -> Intent | None:
    if not stored:
        return None
    rest = {name: str(stored.get(name, "")) for name in Intent.__slots__ if name != "action"}
    return Intent(Action(stored["action"]), **rest)


def _encode_affinity(affinity: Affinity) -> dict[str, str]:
    parts = {name: getattr(affinity, name) for name in Affinity.__slots__}
    return {name: value for name, value in parts.items() if value}


def _decode_affinity(stored: Mapping[str, Any]) -> Affinity:
    return Affinity(**{name: str(stored.get(name, "")) for name in Affinity.__slots__})
