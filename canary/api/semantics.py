"""What the fields mean when they can't mean what they say, and which specs can't be run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.duration import DurationError, parse
from canary.api.canary import Canary
from canary.api.spec import AnalysisSpec

DEFAULT_INTERVAL = 60.0


@dataclass(frozen=True, slots=True)
class Warning_:
    """A field that is accepted but can't be taken at its word, and what applies instead."""

    reason: str
    field: str
    message: str


def effective_interval(analysis: AnalysisSpec, floor: float) -> float:
    """Seconds between evaluations: 60 when unparsable, never below ``floor``."""
    try:
        seconds = parse(analysis.interval or "")
    except DurationError:
        return DEFAULT_INTERVAL
    return max(seconds, floor)


def effective_steps(analysis: AnalysisSpec) -> tuple[int, ...]:
    """The canary weights of a progressive rollout, strictly rising, at most 100.

    lifecycle 5.1; what can't rise is left out (D15), and a step of 0 goes to the maximum at once.
    """
    step = analysis.step_weight or 0
    if step <= 0 and analysis.step_weights:
        rising: list[int] = []
        for weight in analysis.step_weights:
            capped = min(100, weight)
            if capped > (rising[-1] if rising else 0):
                rising.append(capped)
        return tuple(rising)
    top = _top(analysis)
    if step <= 0:
        return (min(100, top),)
    weights: list[int] = []
    weight = 0
    while weight < min(100, top):
        weight = min(100, weight + step)
        weights.append(weight)
    return tuple(weights)


def _top(analysis: AnalysisSpec) -> int:
    if analysis.step_weights:
        return min(100, analysis.step_weights[-1])
    return analysis.max_weight if analysis.max_weight and analysis.max_weight > 0 else 100


def warnings(canary: Canary, floor: float) -> tuple[Warning_, ...]:
    """All fields of ``canary`` that can't mean what they say."""
    analysis = canary.spec.analysis
    return (
        *_of_times(canary, floor),
        *_of_steps(analysis),
        *_of_numbers(canary),
    )


def _of_times(canary: Canary, floor: float) -> Iterator[Warning_]:
    interval = canary.spec.analysis.interval or ""
    try:
        if parse(interval) < floor:
            yield Warning_(
                "IntervalTooShort",
                "spec.analysis.interval",
                f"{interval!r} is below the lower limit: {floor:g}s applies",
            )
    except DurationError as error:
        yield Warning_("IntervalInvalid", "spec.analysis.interval", f"{error}: 60s applies")
    for index, metric in enumerate(canary.spec.analysis.metrics or ()):
        try:
            parse(metric.window)
        except DurationError as error:
            yield Warning_(
                "MetricIntervalInvalid",
                f"spec.analysis.metrics[{index}].interval",
                f"{error}: it goes into the query as it is",
            )


def _of_steps(analysis: AnalysisSpec) -> Iterator[Warning_]:
    field = "spec.analysis.stepWeights"
    highest = 0
    for weight in analysis.step_weights or ():
        if weight > 100:
            yield Warning_("WeightAbove100", field, f"{weight} counts as 100")
        if min(100, weight) <= highest:
            yield Warning_(
                "StepNotRising", field, f"{weight} after {highest} is left out: steps must rise"
            )
        highest = max(highest, min(100, weight))
    step = analysis.step_weight
    if step is not None and step <= 0 and not analysis.iterations:
        yield Warning_(
            "StepWeightZero",
            "spec.analysis.stepWeight",
            f"{step} can't raise the weight: one step to the maximum applies",
        )
    if step is not None and step > 100:
        yield Warning_("WeightAbove100", "spec.analysis.stepWeight", f"{step} counts as 100")
    top = analysis.max_weight
    if top is not None and top > 100:
        yield Warning_("WeightAbove100", "spec.analysis.maxWeight", f"{top} counts as 100")
    if top is not None and top < 0:
        yield Warning_("WeightNegative", "spec.analysis.maxWeight", f"{top}: 100 applies")


def _of_numbers(canary: Canary) -> Iterator[Warning_]:
    analysis = canary.spec.analysis
    if analysis.threshold is not None and analysis.threshold <= 0:
        yield Warning_(
            "ThresholdTooLow", "spec.analysis.threshold", f"{analysis.threshold}: 1 applies"
        )
    by = analysis.step_weight_promotion
    if by < 0 or by > 100:
        applies = "all at once" if by < 0 else "100"
        yield Warning_(
            "StepWeightPromotion", "spec.analysis.stepWeightPromotion", f"{by}: {applies} applies"
        )
    for name in ("primary_ready_threshold", "canary_ready_threshold"):
        value = getattr(analysis, name)
        if value is not None and not 0 <= value <= 100:
            field = "spec.analysis." + (
                "primaryReadyThreshold" if name.startswith("p") else "canaryReadyThreshold"
            )
            applies = "100" if value > 100 else "0"
            yield Warning_("ReadyThreshold", field, f"{value} is no percentage: {applies} applies")
    deadline = canary.spec.progress_deadline_seconds
    if deadline is not None and deadline <= 0:
        yield Warning_(
            "ProgressDeadline", "spec.progressDeadlineSeconds", f"{deadline}: 600 applies"
        )


def violations(canary: Canary, no_cross_namespace_refs: bool) -> tuple[str, ...]:
    """Why this spec can't be run at all, in Flagger's words (``invalid canary spec: ...``)."""
    return tuple(_violations(canary, no_cross_namespace_refs))


def _violations(canary: Canary, isolated: bool) -> Iterator[str]:
    spec, namespace = canary.spec, canary.metadata.namespace
    blocked = "cross-namespace references are blocked"
    if isolated:
        upstream = spec.upstream_ref
        if upstream and upstream.namespace and upstream.namespace != namespace:
            yield f"can't access gloo upstream {upstream.name}.{upstream.namespace}, {blocked}"
        for metric in spec.analysis.metrics or ():
            ref = metric.template_ref
            if ref and ref.namespace and ref.namespace != namespace:
                yield f"can't access metric template {ref.name}.{ref.namespace}, {blocked}"
        for alert in spec.analysis.alerts or ():
            to = alert.provider_ref
            if to.namespace and to.namespace != namespace:
                yield f"can't access alert provider {to.name}.{to.namespace}, {blocked}"
    target = spec.target_ref
    knative = target.kind == "Service" and target.api_version == "serving.knative.dev/v1"
    if knative and spec.provider != "knative":
        yield f"can't use {spec.provider or ''} provider with Knative Service as target"
    if spec.provider == "knative" and not knative:
        yield (
            f"can't use {target.api_version}/{target.kind} as target if provider is set to knative"
        )
    if knative and spec.autoscaler_ref:
        yield "can't use autoscaler with Knative Service"
    cookies = spec.analysis.session_affinity
    if cookies and cookies.cookie_name == cookies.primary_cookie_name:
        yield (
            "can't use the same cookie name for both primary and cookie name; "
            "please update them to be different"
        )
