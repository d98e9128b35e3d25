"""D45: a primary is big enough before, or grows while, traffic returns to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import factory as make
import pytest

from canary.rollout import sizes
from canary.rollout.moves.run import rollback
from canary.rollout.record import Record
from canary.rollout.settled import settled
from canary.rollout.stage import Stage
from canary.rollout.verdict import Rollback
from canary.rollout.view import View

SCALER = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "name": "podinfo"}


def looked(
    record: Record | None = None,
    *,
    target: int,
    primary: int,
    most: int | None = None,
    **facts: Any,
) -> View:
    return make.view(
        record or make.running(),
        target=make.target(replicas=target, **facts),
        primary=make.primary(replicas=primary, most=most),
    )


def autoscaled(*args: Any, **facts: Any) -> View:
    return replace(looked(*args, **facts), canary=make.canary(autoscalerRef=SCALER))


@pytest.mark.parametrize(("target", "primary", "size"), [(5, 2, 5), (1, 4, 1), (0, 2, None)])
def test_a_promotion_gives_the_primary_the_targets_size(
    target: int, primary: int, size: int | None
) -> None:
    assert sizes.for_promotion(looked(target=target, primary=primary)) == size


@pytest.mark.parametrize(
    ("target", "primary", "most", "size"),
    [(5, 2, 10, 5), (5, 2, 4, 4), (5, 2, None, 5), (5, 5, 10, None), (2, 4, 10, None)],
)
def test_with_an_autoscaler_it_only_grows(
    target: int, primary: int, most: int | None, size: int | None
) -> None:
    view = autoscaled(target=target, primary=primary, most=most)
    assert sizes.for_promotion(view) == size
    assert sizes.for_return(view) == size


@pytest.mark.parametrize(("primary", "size"), [(2, None), (1, 2), (5, None)])
def test_a_rollback_restores_the_size_of_the_last_promotion(primary: int, size: int | None) -> None:
    view = looked(make.running(weight=50), target=2, primary=primary)
    record = rollback(view, Rollback("x", texts=("x",)))
    assert (record.stage, record.weight, record.scale_primary) == (Stage.FAILED, 0, size)


def test_a_canary_without_traffic_takes_none_with_it() -> None:
    view = looked(make.running(weight=0), target=2, primary=1)
    assert rollback(view, Rollback("x", texts=("x",))).scale_primary is None


@pytest.mark.parametrize(("replicas", "done"), [(0, False), (3, True), (7, True)])
def test_a_target_has_started_at_any_size(replicas: int, done: bool) -> None:
    """Its replicas are the autoscaler's, or somebody's, from then on: nobody fights over them."""
    record = make.running(scale_target=3)
    for view in (autoscaled, looked):
        assert settled(view(record, target=replicas, primary=2)).scale_target == (
            None if done else 3
        )
    steps = make.told({"steps": [{"weight": 10, "replicas": 3}]})
    exact = settled(replace(looked(record, target=replicas, primary=2), canary=steps))
    assert exact.scale_target == (None if replicas == 3 else 3)


@pytest.mark.parametrize(("replicas", "done"), [(2, False), (5, True), (6, True)])
def test_an_autoscaled_primary_may_be_bigger(replicas: int, done: bool) -> None:
    record = make.running(scale_primary=5)
    seen = settled(autoscaled(record, target=5, primary=replicas)).scale_primary
    assert seen == (None if done else 5)


def test_what_does_not_scale_has_every_size() -> None:
    record = make.running(scale_target=0)
    assert settled(looked(record, target=1, primary=1, scales=False)).scale_target is None


@pytest.mark.parametrize(("least", "replicas"), [(None, 4), (3, 3), (1, 1)])
def test_a_start_from_zero(least: int | None, replicas: int) -> None:
    assert looked(target=0, primary=4, least=least).first_replicas == replicas
