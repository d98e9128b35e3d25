"""The exported metrics: names, types, labels, help texts and values of operations.md section 5."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from canary.controller.metrics import Metrics, Subject

PODINFO = Subject("test", "podinfo", "podinfo-app")
TWIN = Subject("test", "twin", "podinfo-app")

# Name, type, labels, help.
FLAGGER = [
    (
        "flagger_info",
        "gauge",
        {"version", "mesh_provider"},
        "Flagger version and mesh provider information",
    ),
    ("flagger_canary_total", "gauge", {"namespace"}, "Total number of canary object"),
    ("flagger_canary_status", "gauge", {"name", "namespace"}, "Last canary analysis result"),
    (
        "flagger_canary_weight",
        "gauge",
        {"workload", "namespace"},
        "The virtual service destination weight current value",
    ),
    (
        "flagger_canary_metric_analysis",
        "gauge",
        {"name", "namespace", "metric"},
        "Last canary analysis result per metric",
    ),
    (
        "flagger_canary_duration_seconds",
        "histogram",
        {"name", "namespace"},
        "Seconds spent performing canary analysis.",
    ),
    (
        "flagger_canary_successes_total",
        "counter",
        {"name", "namespace", "deployment_strategy", "analysis_status"},
        "Total number of canary successes",
    ),
    (
        "flagger_canary_failures_total",
        "counter",
        {"name", "namespace", "deployment_strategy", "analysis_status"},
        "Total number of canary failures",
    ),
]


class Exposed:
    """Metrics, and what a scrape of them says."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry)

    def value(self, name: str, /, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)

    def series(self, name: str) -> int:
        return sum(
            sample.name == name for family in self.registry.collect() for sample in family.samples
        )


@pytest.fixture
def exposed() -> Exposed:
    return Exposed()


def everything(metrics: Metrics) -> None:
    metrics.started("0.1.0", "istio")
    metrics.canaries({"test": 2})
    metrics.phase(PODINFO, "Progressing")
    metrics.weight(PODINFO, 10)
    metrics.check(PODINFO, "request-success-rate", 99.5)
    metrics.ran(PODINFO, 0.3)
    metrics.succeeded(PODINFO)
    metrics.failed(PODINFO)


@pytest.mark.parametrize(
    ("name", "kind", "labels", "text"), FLAGGER, ids=[row[0] for row in FLAGGER]
)
def test_names_types_labels_and_help_are_flaggers(
    exposed: Exposed, name: str, kind: str, labels: set[str], text: str
) -> None:
    from prometheus_client import generate_latest

    everything(exposed.metrics)
    exposition = generate_latest(exposed.registry).decode()
    assert f"# HELP {name} {text}\n" in exposition
    assert f"# TYPE {name} {kind}\n" in exposition
    samples = [
        sample
        for family in text_string_to_metric_families(exposition)
        for sample in family.samples
        if sample.name in (name, f"{name}_count")
    ]
    assert samples
    assert all(set(sample.labels) == labels for sample in samples)


def test_no_other_family_has_flaggers_prefix(exposed: Exposed) -> None:
    everything(exposed.metrics)
    names = {
        sample.name
        for family in exposed.registry.collect()
        for sample in family.samples
        if sample.name.startswith("flagger_")
    }
    parts = {f"flagger_canary_duration_seconds_{part}" for part in ("bucket", "count", "sum")}
    expected = {name for name, kind, _, _ in FLAGGER if kind != "histogram"} | parts
    assert names == expected


def test_buckets_are_flaggers(exposed: Exposed) -> None:
    exposed.metrics.ran(PODINFO, 0.3)
    bounds = [
        sample.labels["le"]
        for family in exposed.registry.collect()
        for sample in family.samples
        if sample.name == "flagger_canary_duration_seconds_bucket"
    ]
    wanted = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    assert [float(bound) for bound in bounds[:-1]] == wanted
    assert bounds[-1] == "+Inf"


@pytest.mark.parametrize(
    ("phase", "value"),
    [
        ("Progressing", 0),
        ("Failed", 2),
        ("Initializing", 1),
        ("Initialized", 1),
        ("Waiting", 1),
        ("WaitingPromotion", 1),
        ("Promoting", 1),
        ("Finalising", 1),
        ("Succeeded", 1),
        ("Terminating", 1),
    ],
)
def test_the_status_is_flaggers_and_the_phase_stands_beside_it(
    exposed: Exposed, phase: str, value: float
) -> None:
    exposed.metrics.phase(PODINFO, "Progressing")
    exposed.metrics.phase(PODINFO, phase)
    assert exposed.value("flagger_canary_status", name="podinfo-app", namespace="test") == value
    # operations.md section 16 row 9: the true phase under another name, one series at a time.
    assert exposed.series("canary_engine_phase") == 1
    labels = {"namespace": "test", "name": "podinfo", "phase": phase}
    assert exposed.value("canary_engine_phase", **labels) == 1


def test_weights_are_two_series_named_after_the_target(exposed: Exposed) -> None:
    exposed.metrics.weight(PODINFO, 30)
    name = "flagger_canary_weight"
    assert exposed.value(name, workload="podinfo-app-primary", namespace="test") == 70
    assert exposed.value(name, workload="podinfo-app", namespace="test") == 30


def test_ends_are_counted_by_strategy_and_kind(exposed: Exposed) -> None:
    exposed.metrics.succeeded(PODINFO, skipped=True)
    exposed.metrics.succeeded(PODINFO)
    exposed.metrics.succeeded(PODINFO)
    exposed.metrics.failed(PODINFO)
    place = {"name": "podinfo-app", "namespace": "test", "deployment_strategy": "canary"}
    total = "flagger_canary_successes_total"
    assert exposed.value(total, **place, analysis_status="completed") == 2
    assert exposed.value(total, **place, analysis_status="skipped") == 1
    failures = "flagger_canary_failures_total"
    assert exposed.value(failures, **place, analysis_status="completed") == 1


def test_what_holds_now_is_1_and_what_no_longer_does_is_0(exposed: Exposed) -> None:
    for holds in (True, False):
        exposed.metrics.leads(holds)
        exposed.metrics.watching("pods", "test", holds)
        assert exposed.value("canary_engine_leader") == holds
        labels = {"resource": "pods", "namespace": "test"}
        assert exposed.value("canary_engine_watch_synced", **labels) == holds


def test_an_empty_namespace_loses_its_total(exposed: Exposed) -> None:
    # operations.md section 16 row 8.
    exposed.metrics.canaries({"test": 2, "shop": 1})
    exposed.metrics.canaries({"shop": 1, "test": 0})
    assert exposed.value("flagger_canary_total", namespace="test") is None
    assert exposed.value("flagger_canary_total", namespace="shop") == 1


def test_a_deleted_canary_takes_its_series_along(exposed: Exposed) -> None:
    everything(exposed.metrics)
    exposed.metrics.canaries({})
    exposed.metrics.forget("test", "podinfo")
    left = {
        sample.name
        for family in exposed.registry.collect()
        for sample in family.samples
        if "podinfo" in str(sample.labels)
    }
    assert left == set()


def test_a_twin_keeps_the_series_that_it_wrote_last(exposed: Exposed) -> None:
    exposed.metrics.weight(PODINFO, 10)
    exposed.metrics.weight(TWIN, 20)
    exposed.metrics.forget("test", "podinfo")
    assert exposed.value("flagger_canary_weight", workload="podinfo-app", namespace="test") == 20
