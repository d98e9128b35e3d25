"""What an alert says beside its message, and who hears it."""

from __future__ import annotations

from typing import Any

import pytest

from canary.api.canary import Canary, parse
from canary.notify.notification import compose, hears


def canary(analysis: dict[str, Any] | None = None, **spec: Any) -> Canary:
    return parse(
        {
            "metadata": {"name": "shop", "namespace": "test"},
            "spec": {
                "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "podinfo"},
                "analysis": {"interval": "1m", **(analysis or {})},
                **spec,
            },
        }
    )


def routing(**analysis: Any) -> str | None:
    found = compose(canary(analysis), "info", "said", meta=True)
    return dict(found.fields).get("Traffic routing")


def test_fields_come_in_flaggers_order() -> None:
    # notifications.md 4
    described = canary({"threshold": 5, "stepWeight": 10}, progressDeadlineSeconds=60)
    evidence = (("Revision", "e1"), ("Metric", "rate"))
    found = compose(described, "info", "said", cluster="c1", meta=True, evidence=evidence)
    assert (found.severity, found.subject, found.text) == ("info", "shop.test", "said")
    assert found.fields == (
        ("Cluster", "c1"),
        ("Target", "Deployment/podinfo.test"),
        ("Failed checks threshold", "5"),
        ("Progress deadline", "60s"),
        ("Traffic routing", "Weight step: 10 max: 100"),
        *evidence,
    )


def test_defaults_are_shown_as_they_apply() -> None:
    fields = dict(compose(canary(), "info", "said", meta=True).fields)
    assert (fields["Failed checks threshold"], fields["Progress deadline"]) == ("1", "600s")


def test_without_meta_there_is_the_cluster_at_most() -> None:
    assert compose(canary(), "warn", "said").fields == ()
    assert compose(canary(), "warn", "said", cluster="c1").fields == (("Cluster", "c1"),)


@pytest.mark.parametrize(
    ("analysis", "text"),
    [
        ({"iterations": 5, "match": [{"headers": {"x": {"exact": "y"}}}]}, "A/B Testing"),
        ({"iterations": 5}, "Blue/Green"),
        ({"stepWeight": 10, "maxWeight": 50}, "Weight step: 10 max: 50"),
        # notifications 7.13: Flagger shows 0, or what doesn't apply
        ({"stepWeight": 10}, "Weight step: 10 max: 100"),
        ({"stepWeights": [1, 2, 10, 80]}, "Weight steps: 1,2,10,80 max: 80"),
        ({"stepWeights": [1, 80], "maxWeight": 50}, "Weight steps: 1,80 max: 80"),
        (
            {"engine": {"steps": [{"weight": 5}, {"weight": 60, "approval": True}]}},
            "Weight steps: 5,60 max: 60",
        ),
        ({"iterations": 0, "stepWeight": 0}, None),
    ],
)
def test_the_strategy_is_said_in_words(analysis: dict[str, Any], text: str | None) -> None:
    assert routing(**analysis) == text


@pytest.mark.parametrize(
    ("threshold", "heard"),
    [
        ("info", ["info", "warn", "error"]),
        ("warn", ["warn", "error"]),
        ("error", ["error"]),
        # D26: Flagger never sends these
        ("", ["info", "warn", "error"]),
        (None, ["info", "warn", "error"]),
    ],
)
def test_severities_are_a_filter(threshold: str | None, heard: list[str]) -> None:
    severities: tuple[Any, ...] = ("info", "warn", "error")
    assert [severity for severity in severities if hears(threshold, severity)] == heard
