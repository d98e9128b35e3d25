"""What the fields of a Canary mean, and the named warnings where they can't mean what they say.

Flagger accepts all of this, so it is run, with the behaviour that the warning tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from analysis.duration import DurationError, parse
from analysis.models import Metric
from canary.api.analysis_spec import AnalysisSpec
from canary.api.canary import Canary
from canary.api.hook_timeout import InvalidTimeout, hook_timeout
from canary.api.hooks import Webhook
from canary.api.spec import DEFAULT_DEADLINE
from canary.api.steps import effective_steps, step_warnings
from canary.api.violations import violations
from canary.api.warning import SpecWarning

__all__ = [
    "SpecWarning",
    "Strategy",
    "effective_interval",
    "effective_iterations",
    "effective_steps",
    "longest_window",
    "strategy",
    "violations",
    "warnings",
]

DEFAULT_INTERVAL = 60.0
DEFAULT_ITERATIONS = 10
"""Iterations where traffic can't be weighted and none are given."""
BUILT_IN_METRICS = ("request-success-rate", "request-duration")


class Strategy(StrEnum):
    """How a revision gets its traffic; the value of the label ``deployment_strategy``."""

    CANARY = "canary"
    BLUE_GREEN = "blue-green"
    AB_TESTING = "ab-testing"


def strategy(analysis: AnalysisSpec) -> Strategy:
    """The strategy that ``analysis`` asks for: the first whose fields are there."""
    if (analysis.iterations or 0) <= 0:
        return Strategy.CANARY
    return Strategy.AB_TESTING if analysis.match else Strategy.BLUE_GREEN


def effective_iterations(analysis: AnalysisSpec) -> int:
    """Iterations of Blue/Green and A/B, at least 1."""
    given = analysis.iterations or 0
    return given if given > 0 else DEFAULT_ITERATIONS


def effective_interval(analysis: AnalysisSpec, floor: float) -> float:
    """Seconds between evaluations: 60 when unparsable, never below ``floor`` seconds."""
    try:
        seconds = parse(analysis.interval or "")
    except DurationError:
        return DEFAULT_INTERVAL
    return max(seconds, floor)


def longest_window(analysis: AnalysisSpec) -> float:
    """Seconds that the longest query window of ``analysis`` reaches back; 0 without metrics."""
    found = [0.0]
    for metric in analysis.metrics or ():
        try:
            found.append(parse(metric.window))
        except DurationError:
            found.append(DEFAULT_INTERVAL)
    return max(found)


def warnings(canary: Canary, floor: float) -> tuple[SpecWarning, ...]:
    """All fields of ``canary`` that don't apply as written; ``floor`` as above."""
    analysis = canary.spec.analysis
    return (
        *_of_the_interval(analysis, floor),
        *step_warnings(analysis),
        *_of_stays(analysis, floor),
        *_of_numbers(analysis),
        *_of_the_deadline(canary),
        *_of_the_autoscaler(canary),
        *(found for i, metric in enumerate(analysis.metrics or ()) for found in _of(metric, i)),
        *(found for i, hook in enumerate(analysis.webhooks or ()) for found in _of_hook(hook, i)),
    )


def _of_the_interval(analysis: AnalysisSpec, floor: float) -> Iterator[SpecWarning]:
    field, written = "spec.analysis.interval", analysis.interval or ""
    try:
        if parse(written) < floor:
            yield SpecWarning(
                "IntervalTooShort", field, f"{written} is below the lower limit: uses {floor:g}s"
            )
    except DurationError as error:
        yield SpecWarning("IntervalInvalid", field, f"{error}: uses {DEFAULT_INTERVAL:g}s")


def _of_stays(analysis: AnalysisSpec, floor: float) -> Iterator[SpecWarning]:
    for index, stay in enumerate(analysis.stays):
        if stay.seconds is not None and stay.seconds < floor:
            yield SpecWarning(
                "StepTooShort",
                f"spec.analysis.engine.steps[{index}].duration",
                f"{stay.duration} is below the lower limit: uses {floor:g}s",
            )


def _of_numbers(analysis: AnalysisSpec) -> Iterator[SpecWarning]:
    at = "spec.analysis."
    if analysis.threshold is not None and analysis.threshold <= 0:
        yield SpecWarning(
            "ThresholdNotPositive", f"{at}threshold", f"{analysis.threshold}: 1 applies"
        )
    by = analysis.step_weight_promotion
    if not 0 <= by <= 100:
        yield SpecWarning(
            "StepWeightPromotionOutOfRange",
            f"{at}stepWeightPromotion",
            f"{by} is no weight: all traffic returns to the primary at once",
        )
    if analysis.mirror_weight < 0:
        yield SpecWarning(
            "MirrorWeightNegative",
            f"{at}mirrorWeight",
            f"{analysis.mirror_weight}: the provider's default applies",
        )
    for name, value, applies in (
        (
            "primaryReadyThreshold",
            analysis.primary_ready_threshold,
            analysis.effective_primary_ready_threshold,
        ),
        (
            "canaryReadyThreshold",
            analysis.canary_ready_threshold,
            analysis.effective_canary_ready_threshold,
        ),
    ):
        if value is not None and value != applies:
            yield SpecWarning(
                "ReadyThresholdOutOfRange",
                f"{at}{name}",
                f"{value} is no percentage: {applies} applies",
            )


def _of_the_deadline(canary: Canary) -> Iterator[SpecWarning]:
    seconds = canary.spec.progress_deadline_seconds
    if seconds is not None and seconds <= 0:
        yield SpecWarning(
            "ProgressDeadlineNotPositive",
            "spec.progressDeadlineSeconds",
            f"{seconds}: {DEFAULT_DEADLINE} applies",
        )


def _of_the_autoscaler(canary: Canary) -> Iterator[SpecWarning]:
    spec = canary.spec
    if spec.autoscaler_ref is not None and spec.scaler is None:
        text = f"a {spec.target_ref.kind} is not scaled by an autoscaler: it has no effect"
        yield SpecWarning("AutoscalerIgnored", "spec.autoscalerRef", text)


def _of(metric: Metric, index: int) -> Iterator[SpecWarning]:
    at = f"spec.analysis.metrics[{index}]"
    try:
        parse(metric.window)
    except DurationError as error:
        yield SpecWarning(
            "MetricIntervalInvalid", f"{at}.interval", f"{error}: goes into the query as it is"
        )
    accepted = metric.threshold_range
    if accepted and metric.threshold is not None:
        yield SpecWarning(
            "MetricThresholdIgnored",
            f"{at}.threshold",
            f"{metric.threshold:g}: thresholdRange applies, not this",
        )
    if accepted and accepted.min is not None and accepted.max is not None:
        low, high = accepted.min, accepted.max
        if low > high:
            yield SpecWarning(
                "MetricRangeEmpty",
                f"{at}.thresholdRange",
                f"no value is at least {low:g} and at most {high:g}: the check always fails",
            )
    if metric.name not in BUILT_IN_METRICS and not metric.query and not metric.template_ref:
        yield SpecWarning(
            "MetricWithoutQuery",
            f"{at}.name",
            f"{metric.name} is not built in and has neither templateRef nor query: "
            "the check always fails",
        )


def _of_hook(hook: Webhook, index: int) -> Iterator[SpecWarning]:
    """A closed gate doesn't say why it is closed: this is the place that names the timeout."""
    try:
        hook_timeout(hook)
    except InvalidTimeout as error:
        at = f"spec.analysis.webhooks[{index}].timeout"
        yield SpecWarning("WebhookTimeoutInvalid", at, f"{error}: every call fails")
