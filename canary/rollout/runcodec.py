"""How revisions and runs are stored in ``status.engine``, and read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from canary.rollout.binding import Binding
from canary.rollout.record import Measured, Revision, Run


def encode_revision(revision: Revision | None) -> dict[str, Any] | None:
    """A revision as it is stored."""
    if revision is None:
        return None
    return {
        "template": revision.template,
        "configs": dict(revision.configs),
        "uid": revision.uid,
        "generation": revision.generation,
    }


def decode_revision(stored: Mapping[str, Any] | None) -> Revision | None:
    """Raises KeyError, TypeError, AttributeError or ValueError where it is damaged."""
    if stored is None:
        return None
    return Revision(
        template=str(stored["template"]),
        configs={str(k): str(v) for k, v in stored.get("configs", {}).items()},
        uid=str(stored.get("uid", "")),
        generation=int(stored.get("generation", 0)),
    )


def encode_run(run: Run) -> dict[str, Any]:
    """A run as it is stored; empty parts are left out."""
    parts: dict[str, Any] = {
        "revision": encode_revision(run.revision),
        "attempt": run.attempt,
        "step": run.step,
        "iteration": run.iteration or None,
        "failedChecks": run.failed_checks,
        "polls": run.polls,
        "started": stamp(run.started),
        "waitingSince": stamp(run.waiting_since),
        "quietSince": stamp(run.quiet_since),
        "shifts": run.shifts or None,
        "tested": run.tested or None,
        "skipped": run.skipped or None,
        "recycle": run.recycle or None,
        "imported": run.imported or None,
        "prepared": run.prepared or None,
        "unconfirmed": run.unconfirmed or None,
        "falling": run.falling or None,
        "stayed": run.stayed or None,
        "binding": asdict(run.binding) if run.binding else None,
        "asked": asdict(run.asked) if run.asked else None,
        "plan": run.plan or None,
        "awaitedStep": run.awaited_step if run.awaited_step >= 0 else None,
        "paused": run.paused or None,
        "approvedStep": run.approved_step if run.approved_step >= 0 else None,
        "measured": [
            {"metric": m.metric, "passed": m.passed, "value": m.value, "limit": m.limit}
            for m in run.measured
        ]
        or None,
    }
    return {key: value for key, value in parts.items() if value is not None}


def decode_run(stored: Mapping[str, Any]) -> Run:
    """Raises KeyError, TypeError, AttributeError or ValueError where it is damaged."""
    revision = decode_revision(stored["revision"])
    if revision is None:
        raise ValueError("status.engine.run.revision is missing")
    return Run(
        revision=revision,
        attempt=int(stored["attempt"]),
        step=int(stored["step"]),
        iteration=int(stored.get("iteration", 0)),
        failed_checks=int(stored["failedChecks"]),
        polls=int(stored["polls"]),
        started=moment(stored.get("started")),
        waiting_since=moment(stored.get("waitingSince")),
        quiet_since=moment(stored.get("quietSince")),
        shifts=int(stored.get("shifts", 0)),
        tested=bool(stored.get("tested", False)),
        skipped=bool(stored.get("skipped", False)),
        recycle=bool(stored.get("recycle", False)),
        imported=bool(stored.get("imported", False)),
        prepared=bool(stored.get("prepared", False)),
        unconfirmed=bool(stored.get("unconfirmed", False)),
        falling=bool(stored.get("falling", False)),
        stayed=float(stored.get("stayed", 0.0)),
        binding=_binding(stored.get("binding")),
        asked=_binding(stored.get("asked")),
        plan=str(stored.get("plan", "")),
        awaited_step=int(stored.get("awaitedStep", -1)),
        paused=str(stored.get("paused", "")),
        approved_step=int(stored.get("approvedStep", -1)),
        measured=tuple(
            Measured(m["metric"], m["passed"], m["value"], m["limit"])
            for m in stored.get("measured", ())
        ),
    )


def _binding(stored: Mapping[str, Any] | None) -> Binding | None:
    if stored is None:
        return None
    names = (field.name for field in fields(Binding))
    return Binding(**{name: str(stored[name]) for name in names})


def stamp(at: datetime | None) -> str | None:
    """A time as it is stored."""
    return at.astimezone(UTC).isoformat() if at else None


def moment(stored: str | None) -> datetime | None:
    """A stored time; raises ValueError for one without a zone."""
    found = datetime.fromisoformat(stored) if stored else None
    if found is not None and found.tzinfo is None:
        raise ValueError(f"status.engine: the time {stored!r} has no zone")
    return found
