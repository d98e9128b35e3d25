"""Everything about one Canary, as data: what ``status`` shows and prints as JSON and YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from canary.cli.metrics import MetricLine, metric_lines
from canary.cli.parts import Parts, Split, Workload, workload
from canary.cli.standing import Standing
from canary.clock import rfc3339
from canary.rollout.observed import Observed, Present


@dataclass(frozen=True, slots=True)
class Report:
    """The same report is shown once, however often it is made."""

    at: Standing
    kind: str
    target_name: str
    target: Observed[Workload]
    primary: Observed[Workload]
    provider: str
    route: Observed[Split]
    metrics: tuple[MetricLine, ...]

    @property
    def threshold(self) -> int:
        """Failed checks that end the rollout; 0 where the spec can't be read."""
        return self.at.canary.spec.analysis.effective_threshold if self.at.canary else 0

    @property
    def target_revision(self) -> str:
        """Digest of the revision last taken into account; empty under Flagger."""
        applied = self.at.record.applied if self.at.record else None
        return str(applied or "")

    @property
    def primary_revision(self) -> str:
        """Digest of what the primary is meant to run; empty under Flagger."""
        primary = self.at.record.primary if self.at.record else None
        return str(primary or "")


def report(at: Standing, found: Parts) -> Report:
    """The report on a Canary and its parts."""
    return Report(
        at=at,
        kind=found.kind,
        target_name=found.target_name,
        target=workload(found.target),
        primary=workload(found.primary),
        provider=found.provider,
        route=found.route,
        metrics=metric_lines(at.canary, at.record),
    )


def as_data(shown: Report, now: datetime) -> dict[str, Any]:
    """The report for programs. What can't be seen has ``error`` instead of values."""
    at = shown.at
    return {
        "name": at.name,
        "namespace": at.namespace,
        "phase": at.phase,
        "engine": at.engine,
        "weight": at.weight,
        "step": at.step,
        "failedChecks": at.failed_checks,
        "threshold": shown.threshold,
        "reason": at.reason,
        "next": _next(at, now),
        "target": {
            "kind": shown.kind,
            "name": shown.target_name,
            "revision": shown.target_revision,
            **_workload(shown.target),
        },
        "primary": {
            "kind": shown.kind,
            "name": f"{shown.target_name}-primary",
            "revision": shown.primary_revision,
            **_workload(shown.primary),
        },
        "route": {"provider": shown.provider, **_split(shown.route)},
        "metrics": [
            {"name": m.name, "passed": m.passed, "value": m.value, "limit": m.limit}
            for m in shown.metrics
        ],
        "problems": [
            {"reason": t.reason, "message": t.message, "todo": t.todo, "blocks": t.blocks}
            for t in at.troubles
        ],
    }


def _next(at: Standing, now: datetime) -> Mapping[str, Any]:
    due = at.next.due
    if due is None:
        return {"text": at.next.text}
    seconds = max(0, round((due - now).total_seconds()))
    return {"text": at.next.text, "about": rfc3339(due), "inSeconds": seconds}


def _workload(seen: Observed[Workload]) -> Mapping[str, Any]:
    if not isinstance(seen, Present):
        return {"error": seen.why}
    found = seen.value
    return {"replicas": found.wanted, "ready": found.ready, "images": list(found.images)}


def _split(seen: Observed[Split]) -> Mapping[str, Any]:
    if not isinstance(seen, Present):
        return {"error": seen.why}
    found = seen.value
    return {
        "objects": list(found.objects),
        "primary": found.primary,
        "canary": found.canary,
        "confirmation": found.confirmation,
        "warning": found.warning,
    }
