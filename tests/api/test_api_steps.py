"""The weights of a progressive rollout."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canary.api.analysis_spec import AnalysisSpec
from canary.api.semantics import effective_steps

WEIGHTS = st.integers(min_value=-20, max_value=250)


@pytest.mark.parametrize(
    ("fields", "weights"),
    [
        # S08, S09: the last step may exceed maxWeight, never 100.
        ({"stepWeight": 20, "maxWeight": 50}, (20, 40, 60)),
        ({"stepWeight": 30}, (30, 60, 90, 100)),
        ({"stepWeight": 50}, (50, 100)),
        ({"stepWeight": 100}, (100,)),
        ({"stepWeight": 10, "maxWeight": 50}, (10, 20, 30, 40, 50)),
        ({"stepWeight": 50, "maxWeight": 20}, (50,)),
        ({"stepWeight": 50, "maxWeight": 0}, (50, 100)),
        ({"stepWeight": 60, "maxWeight": 300}, (60, 100)),
        # S05: above 100 counts as 100, maxWeight is ignored.
        ({"stepWeights": [1, 5, 20, 50]}, (1, 5, 20, 50)),
        ({"stepWeights": [10, 200]}, (10, 100)),
        ({"stepWeights": [10, 40, 60], "maxWeight": 30}, (10, 40, 60)),
        # S06, D15: on with the next larger element.
        ({"stepWeights": [10, 50, 30]}, (10, 50)),
        ({"stepWeights": [10, 50, 30, 60]}, (10, 50, 60)),
        ({"stepWeights": [10, 10, 20]}, (10, 20)),
        ({"stepWeights": [0, 10, 20]}, (10, 20)),
        ({"stepWeights": [-5, 10]}, (10,)),
        # What can't rise is one step to the maximum.
        ({"stepWeight": 0}, (100,)),
        ({"stepWeight": 0, "maxWeight": 40}, (40,)),
        ({"stepWeight": -10}, (100,)),
        ({"stepWeights": []}, (100,)),
        ({"stepWeights": [], "maxWeight": 40}, (40,)),
        ({"stepWeights": [0]}, (100,)),
        ({"iterations": 0}, (100,)),
        # stepWeight above 0 wins; the maximum is that of stepWeights.
        ({"stepWeight": 20, "stepWeights": [10, 30]}, (20, 40)),
    ],
)
def test_steps(stepped, fields, weights):
    assert effective_steps(stepped(**fields).spec.analysis) == weights


@given(
    by=st.none() | WEIGHTS,
    weights=st.none() | st.lists(WEIGHTS, max_size=8),
    top=st.none() | WEIGHTS,
)
def test_whatever_is_written_there_is_a_step_and_each_one_rises(by, weights, top):
    analysis = AnalysisSpec(stepWeight=by, stepWeights=weights, maxWeight=top)
    steps = effective_steps(analysis)
    assert steps
    assert all(low < high for low, high in zip((0, *steps), steps, strict=False))
    assert steps[-1] <= 100
