"""How a record is stored in ``status.engine``, and read back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from canary.rollout import outbox
from canary.rollout.record import Measured, Record, Revision, Run
from canary.rollout.stage import Stage

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
        "seq": record.seq,
        "epoch": record.epoch,
        "run": _encode_run(record.run) if record.run else None,
        "applied": _encode_revision(record.applied),
        "promoted": _encode_revision(record.promoted),
        "primary": _encode_revision(record.primary),
        "primaryReplicas": record.primary_replicas or None,
        "scaleTarget": record.scale_target,
        "scalePrimary": record.scale_primary,
        "trafficEnded": _time(record.traffic_ended),
        "metricsChecked": record.metrics_checked or None,
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
        run=_decode_run(run) if run else None,
        applied=_decode_revision(stored.get("applied")),
        promoted=_decode_revision(stored.get("promoted")),
        primary=_decode_revision(stored.get("primary")),
        primary_replicas=int(stored.get("primaryReplicas", 0)),
        scale_target=_replicas(stored, "scaleTarget"),
        scale_primary=_replicas(stored, "scalePrimary"),
        traffic_ended=_moment(stored.get("trafficEnded")),
        metrics_checked=bool(stored.get("metricsChecked", False)),
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


def _encode_revision(revision: Revision | None) -> dict[str, Any] | None:
    if revision is None:
        return None
    return {
        "template": revision.template,
        "configs": dict(revision.configs),
        "uid": revision.uid,
        "generation": revision.generation,
    }


def _decode_revision(stored: Mapping[str, Any] | None) -> Revision | None:
    if stored is None:
        return None
    return Revision(
        template=str(stored["template"]),
        configs={str(k): str(v) for k, v in stored.get("configs", {}).items()},
        uid=str(stored.get("uid", "")),
        generation=int(stored.get("generation", 0)),
    )


def _encode_run(run: Run) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "revision": _encode_revision(run.revision),
        "attempt": run.attempt,
        "step": run.step,
        "failedChecks": run.failed_checks,
        "polls": run.polls,
        "started": _time(run.started),
        "waitingSince": _time(run.waiting_since),
        "quietSince": _time(run.quiet_since),
        "shifts": run.shifts or None,
        "skipped": run.skipped or None,
        "recycle": run.recycle or None,
        "imported": run.imported or None,
        "measured": [
            {"metric": m.metric, "passed": m.passed, "value": m.value, "limit": m.limit}
            for m in run.measured
        ]
        or None,
    }
    return {key: value for key, value in parts.items() if value is not None}


def _decode_run(stored: Mapping[str, Any]) -> Run:
    revision = _decode_revision(stored["revision"])
    if revision is None:
        raise ValueError("status.engine.run.revision is missing")
    return Run(
        revision=revision,
        attempt=int(stored["attempt"]),
        step=int(stored["step"]),
        failed_checks=int(stored["failedChecks"]),
        polls=int(stored["polls"]),
        started=_moment(stored.get("started")),
        waiting_since=_moment(stored.get("waitingSince")),
        quiet_since=_moment(stored.get("quietSince")),
        shifts=int(stored.get("shifts", 0)),
        skipped=bool(stored.get("skipped", False)),
        recycle=bool(stored.get("recycle", False)),
        imported=bool(stored.get("imported", False)),
        measured=tuple(
            Measured(m["metric"], m["passed"], m["value"], m["limit"])
            for m in stored.get("measured", ())
        ),
    )


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def _moment(stored: str | None) -> datetime | None:
    moment = datetime.fromisoformat(stored) if stored else None
    if moment is not None and moment.tzinfo is None:
        raise ValueError(f"status.engine: the time {stored!r} has no zone")
    return moment
