"""Fields that are accepted and don't apply as written: each is named, with what applies."""

from __future__ import annotations

import pytest

from canary.api.semantics import warnings


def found(canary):
    return [(warning.reason, warning.field, warning.message) for warning in warnings(canary, 10.0)]


@pytest.mark.parametrize(
    "fields",
    [
        {"stepWeight": 20, "maxWeight": 50},
        {"stepWeight": 100, "maxWeight": 100},
        {"stepWeights": [1, 5, 20, 100]},
        {"stepWeight": 10, "stepWeightPromotion": 100, "primaryReadyThreshold": 0},
        {"iterations": 5},
        {"iterations": 5, "stepWeight": 0},
    ],
)
def test_nothing_to_warn_of(stepped, fields):
    assert found(stepped(**fields)) == []


A = "spec.analysis."


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"stepWeights": [10, 200]},
            [("WeightAbove100", A + "stepWeights[1]", "200 counts as 100")],
        ),
        (
            {"stepWeights": [10, 40, 60], "maxWeight": 30},
            [("MaxWeightIgnored", A + "maxWeight", "30: stepWeights apply, not this")],
        ),
        (
            {"stepWeights": [10, 50, 30]},
            [("StepNotRising", A + "stepWeights[2]", "the step 30 after 50 is ignored")],
        ),
        (
            {"stepWeights": [0, 10, 10]},
            [
                ("StepNotRising", A + "stepWeights[0]", "the step 0 after 0 is ignored"),
                ("StepNotRising", A + "stepWeights[2]", "the step 10 after 10 is ignored"),
            ],
        ),
        (
            {"stepWeights": []},
            [("NoStep", A + "stepWeights", "[] can't raise the weight: one step to 100 applies")],
        ),
        (
            {"stepWeight": 0, "maxWeight": 40},
            [("NoStep", A + "stepWeight", "0 can't raise the weight: one step to 40 applies")],
        ),
        (
            {"stepWeight": -5},
            [("NoStep", A + "stepWeight", "-5 can't raise the weight: one step to 100 applies")],
        ),
        (
            {"iterations": 0},
            [("NoStep", A + "iterations", "0 can't raise the weight: one step to 100 applies")],
        ),
        ({"stepWeight": 200}, [("WeightAbove100", A + "stepWeight", "200 counts as 100")]),
        (
            {"stepWeight": 50, "maxWeight": 20},
            [("StepAboveMaxWeight", A + "stepWeight", "50 is above the maximum: one step to 50")],
        ),
        (
            {"stepWeight": 10, "maxWeight": 120},
            [("WeightAbove100", A + "maxWeight", "120 counts as 100")],
        ),
        (
            {"stepWeight": 10, "maxWeight": -1},
            [("MaxWeightNotPositive", A + "maxWeight", "-1: 100 applies")],
        ),
        (
            {"stepWeight": 10, "stepWeightPromotion": 101},
            [
                (
                    "StepWeightPromotionOutOfRange",
                    A + "stepWeightPromotion",
                    "101 is no weight: all traffic returns to the primary at once",
                )
            ],
        ),
        (
            {"stepWeight": 10, "mirrorWeight": -1},
            [
                (
                    "MirrorWeightNegative",
                    A + "mirrorWeight",
                    "-1: the provider's default applies",
                )
            ],
        ),
        (
            {"stepWeight": 10, "canaryReadyThreshold": 101},
            [
                (
                    "ReadyThresholdOutOfRange",
                    A + "canaryReadyThreshold",
                    "101 is no percentage: 100 applies",
                )
            ],
        ),
        (
            {"stepWeight": 10, "primaryReadyThreshold": -1},
            [
                (
                    "ReadyThresholdOutOfRange",
                    A + "primaryReadyThreshold",
                    "-1 is no percentage: 0 applies",
                )
            ],
        ),
        (
            {"stepWeight": 10, "threshold": 0},
            [("ThresholdNotPositive", A + "threshold", "0: 1 applies")],
        ),
        (
            {"stepWeight": 10, "interval": "5s"},
            [("IntervalTooShort", A + "interval", "5s is below the lower limit: uses 10s")],
        ),
        (
            {"stepWeight": 10, "interval": "5minutes"},
            [
                (
                    "IntervalInvalid",
                    A + "interval",
                    'time: unknown unit "minutes" in duration "5minutes": uses 60s',
                )
            ],
        ),
    ],
)
def test_analysis(stepped, fields, expected):
    assert found(stepped(**fields)) == expected


@pytest.mark.parametrize("seconds", [0, -30])
def test_deadline(canary, seconds):
    assert found(canary({"spec.progressDeadlineSeconds": seconds})) == [
        (
            "ProgressDeadlineNotPositive",
            "spec.progressDeadlineSeconds",
            f"{seconds}: 600 applies",
        )
    ]


def test_metrics(canary):
    metrics = [
        {"name": "request-success-rate", "interval": "1minute", "thresholdRange": {"min": 99}},
        {"name": "latency", "thresholdRange": {"min": 2, "max": 1.5}, "query": "x"},
        {"name": "errors", "threshold": 3, "thresholdRange": {"max": 1}, "query": "x"},
        {"name": "typo-rate", "threshold": 3},
        {"name": "fine", "threshold": 3, "templateRef": {"name": "t"}, "interval": "1m"},
    ]
    assert found(canary({"spec.analysis.metrics": metrics})) == [
        (
            "MetricIntervalInvalid",
            A + "metrics[0].interval",
            'time: unknown unit "minute" in duration "1minute": goes into the query as it is',
        ),
        (
            "MetricRangeEmpty",
            A + "metrics[1].thresholdRange",
            "no value is at least 2 and at most 1.5: the check always fails",
        ),
        (
            "MetricThresholdIgnored",
            A + "metrics[2].threshold",
            "3: thresholdRange applies, not this",
        ),
        (
            "MetricWithoutQuery",
            A + "metrics[3].name",
            "typo-rate is not built in and has neither templateRef nor query: "
            "the check always fails",
        ),
    ]


def test_hooks(canary):
    """One rule for all types (webhooks 8.11)."""
    timeouts = ["10s", "1m30s", None, "0s", "1min", "0m"]
    hooks = [{"name": "a", "url": "http://a.test", "timeout": value} for value in timeouts]
    assert found(canary({"spec.analysis.webhooks": hooks})) == [
        (
            "WebhookTimeoutInvalid",
            f"{A}webhooks[{index}].timeout",
            f'"{timeouts[index]}" is not accepted, give a positive duration such as 10s or 1m30s: '
            "every call fails",
        )
        for index in (3, 4, 5)
    ]
