"""The weights of a progressive rollout, and the fields of them that can't be meant."""

from __future__ import annotations

from collections.abc import Iterator

from canary.api.analysis_spec import AnalysisSpec
from canary.api.warning import SpecWarning

STEP_WEIGHT = "spec.analysis.stepWeight"
STEP_WEIGHTS = "spec.analysis.stepWeights"
MAX_WEIGHT = "spec.analysis.maxWeight"


def effective_steps(analysis: AnalysisSpec) -> tuple[int, ...]:
    """The canary weights, strictly rising, 1 to 100, never none.

    Flagger adds ``stepWeight`` until ``maxWeight`` is reached, or goes through ``stepWeights``.
    Where it would stall (D15), an element that doesn't rise is left out, and a plan that doesn't
    rise at all is one step to the maximum: a revision is never promoted without a step.
    """
    if analysis.stays:
        return tuple(stay.weight for stay in analysis.stays)
    by, top = analysis.step_weight or 0, analysis.effective_max_weight
    if by > 0:
        return tuple(min(100, weight) for weight in range(by, top + by, by))
    return _rising(analysis.step_weights or ()) or (top,)


def _rising(weights: list[int] | tuple[int, ...]) -> tuple[int, ...]:
    rising: list[int] = []
    for weight in weights:
        capped = min(100, weight)
        if capped > (rising[-1] if rising else 0):
            rising.append(capped)
    return tuple(rising)


def step_warnings(analysis: AnalysisSpec) -> Iterator[SpecWarning]:
    """What of the step fields doesn't apply as written."""
    if (analysis.iterations or 0) > 0 or analysis.stays:
        return
    if (analysis.step_weight or 0) > 0:
        yield from _of_step_weight(analysis)
    else:
        yield from _of_step_weights(analysis)
    yield from _of_max_weight(analysis)


def _of_step_weight(analysis: AnalysisSpec) -> Iterator[SpecWarning]:
    by, top = analysis.step_weight or 0, analysis.effective_max_weight
    if by > 100:
        yield SpecWarning("WeightAbove100", STEP_WEIGHT, f"{by} counts as 100")
    elif by > top:
        yield SpecWarning(
            "StepAboveMaxWeight", STEP_WEIGHT, f"{by} is above the maximum: one step to {by}"
        )


def _of_step_weights(analysis: AnalysisSpec) -> Iterator[SpecWarning]:
    weights = analysis.step_weights
    highest = 0
    for index, weight in enumerate(weights or ()):
        field = f"{STEP_WEIGHTS}[{index}]"
        if weight > 100:
            yield SpecWarning("WeightAbove100", field, f"{weight} counts as 100")
        if min(100, weight) <= highest:
            yield SpecWarning(
                "StepNotRising", field, f"the step {weight} after {highest} is ignored"
            )
        highest = max(highest, min(100, weight))
    if highest == 0:
        field, written = _the_strategy(analysis)
        yield SpecWarning(
            "NoStep",
            field,
            f"{written} can't raise the weight: "
            f"one step to {analysis.effective_max_weight} applies",
        )


def _the_strategy(analysis: AnalysisSpec) -> tuple[str, object]:
    if analysis.step_weights is not None:
        return STEP_WEIGHTS, analysis.step_weights
    if analysis.iterations is not None:
        return "spec.analysis.iterations", analysis.iterations
    return STEP_WEIGHT, analysis.step_weight or 0


def _of_max_weight(analysis: AnalysisSpec) -> Iterator[SpecWarning]:
    top = analysis.max_weight
    if top is None:
        return
    if analysis.step_weights:
        yield SpecWarning("MaxWeightIgnored", MAX_WEIGHT, f"{top}: stepWeights apply, not this")
    elif top > 100:
        yield SpecWarning("WeightAbove100", MAX_WEIGHT, f"{top} counts as 100")
    elif top <= 0:
        yield SpecWarning("MaxWeightNotPositive", MAX_WEIGHT, f"{top}: 100 applies")
