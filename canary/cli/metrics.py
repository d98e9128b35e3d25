"""The metrics of a Canary: what was measured last, against which limit."""

from __future__ import annotations

from dataclasses import dataclass

from analysis import builtin
from analysis.models import Metric
from analysis.threshold import Measure, limits
from canary.api.canary import Canary
from canary.rollout.record import Measured, Record


@dataclass(frozen=True, slots=True)
class MetricLine:
    """``passed`` is None for a metric without a value: an evaluation ends at its first failure."""

    name: str
    passed: bool | None
    value: str
    limit: str


def metric_lines(canary: Canary | None, record: Record | None) -> tuple[MetricLine, ...]:
    """The metrics of the spec in their order, with the last values of the run on record."""
    measured = list(record.run.measured) if record and record.run else []
    lines = [
        _line(metric, measured) for metric in (canary.spec.analysis.metrics or [] if canary else [])
    ]
    # What is left was measured by an older spec.
    lines += [MetricLine(m.metric, m.passed, m.value, m.limit) for m in measured]
    return tuple(lines)


def _line(metric: Metric, measured: list[Measured]) -> MetricLine:
    found = next((m for m in measured if m.metric == metric.name), None)
    if found is None:
        return MetricLine(metric.name, None, "", str(limits(metric, _measure(metric))))
    measured.remove(found)
    return MetricLine(metric.name, found.passed, found.value, found.limit)


def _measure(metric: Metric) -> Measure:
    if metric.name not in builtin.NAMES:
        return Measure.CUSTOM
    return Measure.SUCCESS_RATE if metric.name == builtin.SUCCESS_RATE else Measure.DURATION
