"""What is exported of a Canary, as it goes its way."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from analysis.subject import Check
from canary.controller.metrics import Metrics
from canary.controller.telemetry import Telemetry
from canary.rollout.record import Record, Run
from canary.rollout.stage import Stage
from tests.controller.looks import NEW, look, world
from tests.rig.stage import ORIGIN

APP = {"name": "podinfo", "namespace": "test"}
ENDED = {**APP, "deployment_strategy": "canary"}


class Late:
    """A clock 90 seconds after the origin."""

    def monotonic(self) -> float:
        return 90.0

    def now(self) -> datetime:
        return ORIGIN + timedelta(seconds=90)


class Exported:
    """Telemetry of the Canary ``podinfo``, and the series that it comes to."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.telemetry = Telemetry(Metrics(self._registry), Late())
        self.scene = look(Record()).scene

    def value(self, name: str, /, **labels: str) -> float | None:
        return self._registry.get_sample_value(name, labels)

    def moves(self, before: Stage, after: Stage, **run: Any) -> None:
        """A record of the one stage, then of the other; ``run`` are parts of its run."""
        record = Record(after, run=Run(NEW, **run) if run else None)
        self.telemetry.moved(self.scene, Record(before), record)

    @property
    def ends(self) -> list[str]:
        """Each end that was counted, with its kind."""
        found = []
        for name in ("successes", "failures"):
            for kind in ("completed", "skipped"):
                value = self.value(f"flagger_canary_{name}_total", **ENDED, analysis_status=kind)
                found += [f"{name} {kind}"] * int(value or 0)
        return found

    def took(self, outcome: str) -> float | None:
        """Seconds of all rollouts with this outcome."""
        name = "canary_engine_rollout_duration_seconds_sum"
        return self.value(name, **APP, outcome=outcome)


@pytest.fixture
def exported() -> Exported:
    return Exported()


def test_the_weight_is_that_of_the_live_route_and_stays_while_it_cannot_be_seen(
    exported: Exported,
) -> None:
    record = Record(Stage.PROGRESSING, weight=30)
    for facts in (world(route=20), world(route=None)):
        exported.telemetry.seen(exported.scene, record, facts)
        assert exported.value("flagger_canary_weight", workload="podinfo", namespace="test") == 20
    assert exported.value("flagger_canary_status", **APP) == 0
    assert exported.value("canary_engine_phase", **APP, phase="Progressing") == 1


def test_a_phase_counts_as_soon_as_it_is_on_record(exported: Exported) -> None:
    exported.moves(Stage.INITIALIZED, Stage.PROGRESSING, started=ORIGIN)
    assert exported.value("flagger_canary_status", **APP) == 0
    exported.moves(Stage.PROGRESSING, Stage.FAILED, started=ORIGIN)
    assert exported.value("flagger_canary_status", **APP) == 2


@pytest.mark.parametrize(
    ("before", "run", "ends"),
    [
        (Stage.FINALISING, {"started": ORIGIN}, ["successes completed"]),
        (Stage.FINALISING, {"started": ORIGIN, "skipped": True}, ["successes skipped"]),
        (Stage.FINALISING, {}, ["successes completed"]),
        # The target went back to what the primary runs: nothing was promoted.
        (Stage.PROGRESSING, {"started": ORIGIN}, []),
        (Stage.SUCCEEDED, {"started": ORIGIN}, []),
        (Stage.INITIALIZED, {}, []),
    ],
)
def test_a_success_is_a_promotion_that_came_to_its_end(
    exported: Exported, before: Stage, run: dict[str, Any], ends: list[str]
) -> None:
    exported.moves(before, Stage.SUCCEEDED, **run)
    assert exported.ends == ends
    assert exported.took("succeeded") == (90.0 if run and before.running else None)


@pytest.mark.parametrize("before", [Stage.PROGRESSING, Stage.WAITING_PROMOTION, Stage.PROMOTING])
def test_a_failure_is_counted_once_with_the_time_that_it_took(
    exported: Exported, before: Stage
) -> None:
    exported.moves(before, Stage.FAILED, started=ORIGIN)
    exported.moves(Stage.FAILED, Stage.FAILED, started=ORIGIN)
    assert exported.ends == ["failures completed"]
    assert exported.took("failed") == 90.0


def test_a_run_whose_start_nobody_noted_ends_without_a_duration(exported: Exported) -> None:
    """Flagger began it."""
    exported.moves(Stage.PROGRESSING, Stage.FAILED, imported=True)
    assert exported.ends == ["failures completed"]
    assert exported.took("failed") is None


def test_what_does_not_end_a_run_is_no_end(exported: Exported) -> None:
    steps = [Stage.INITIALIZED, Stage.PROGRESSING, Stage.PROMOTING, Stage.FINALISING]
    for before, after in pairwise(steps):
        exported.moves(before, after, started=ORIGIN)
    # What is deleted, or fails before its run began, was never a rollout.
    exported.moves(Stage.PROGRESSING, Stage.TERMINATING, started=ORIGIN)
    exported.moves(Stage.WAITING, Stage.FAILED, started=ORIGIN)
    assert exported.ends == []
    assert [stage for stage in Stage if exported.took(stage.value.lower()) is not None] == []


def test_metrics_are_exported_with_their_values_and_those_without_one_not(
    exported: Exported,
) -> None:
    checks = (Check("rate", "0.00%", "min 99%", number=0.0), Check("own", "", "max 5"))
    exported.telemetry.checked(exported.scene, checks, 0.3)
    name = "flagger_canary_metric_analysis"
    assert exported.value(name, **APP, metric="rate") == 0.0
    assert exported.value(name, **APP, metric="own") is None
    assert exported.value("flagger_canary_duration_seconds_sum", **APP) == 0.3


def test_corrections_are_counted_by_kind(exported: Exported) -> None:
    for kind in ("Service", "Service", "VirtualService"):
        exported.telemetry.corrected(exported.scene, kind)
    name = "canary_engine_drift_corrections_total"
    assert exported.value(name, **APP, kind="Service") == 2
    assert exported.value(name, **APP, kind="VirtualService") == 1
