"""The alerts of a rollout, in Flagger's words; what was measured stands in fields beside them."""

from __future__ import annotations

from collections.abc import Iterable

from canary.rollout.announcement import Alert
from canary.rollout.record import Measured, Revision, Run


def initialized(kind: str) -> Alert:
    return Alert("info", f"New {kind} detected, initialization completed.", meta=True)


def started(run: Run) -> Alert:
    text = "New revision detected, progressing canary analysis."
    return Alert("info", text, meta=True, evidence=evidence(run))


def threshold_reached(failed: int) -> str:
    return f"Failed checks threshold reached {failed}"


def deadline_exceeded(cause: str) -> str:
    return f"Progress deadline exceeded {cause}"


def waiting(text: str, revision: Revision) -> Alert:
    return Alert("warn", text, evidence=(("Revision", revision.template),))


def rolled_back(text: str, run: Run, measured: Iterable[Measured]) -> Alert:
    """Exactly one for each rollback, whatever its cause; ``measured`` is what caused it."""
    return Alert("error", text, evidence=evidence(run, measured))


def promotion_failed(run: Run, cause: str) -> Alert:
    return Alert("error", f"Promotion failed, primary not ready: {cause}", evidence=evidence(run))


def promoted(run: Run) -> Alert:
    how = "was skipped" if run.skipped else "completed successfully"
    text = f"Canary analysis {how}, promotion finished."
    return Alert("info", text, evidence=evidence(run, run.measured))


def evidence(run: Run, measured: Iterable[Measured] = ()) -> tuple[tuple[str, str], ...]:
    """The revision, and what was measured of it against which limits, as fields of an alert."""
    found = [("Revision", run.revision.template)]
    for check in measured:
        found += [("Metric", check.metric), ("Value", check.value), ("Limit", check.limit)]
    return tuple(found)
