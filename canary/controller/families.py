"""Names, labels and help texts of the exported metrics."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

# Flagger's counters and histograms have no ``_created`` series beside them.
disable_created_metrics()  # type: ignore[no-untyped-call]

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_ROLLOUT_BUCKETS: Final = (30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 14400.0, 86400.0)


class FlaggerFamilies:
    """What dashboards and alert rules of Flagger select; ``name`` is that of the target.

    The client library appends ``_total`` to the names of counters.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        ends = ("name", "namespace", "deployment_strategy", "analysis_status")
        self.info = Gauge(
            "flagger_info",
            "Flagger version and mesh provider information",
            ("version", "mesh_provider"),
            registry=registry,
        )
        self.total = Gauge(
            "flagger_canary_total",
            "Total number of canary object",
            ("namespace",),
            registry=registry,
        )
        self.status = Gauge(
            "flagger_canary_status",
            "Last canary analysis result",
            ("name", "namespace"),
            registry=registry,
        )
        self.weight = Gauge(
            "flagger_canary_weight",
            "The virtual service destination weight current value",
            ("workload", "namespace"),
            registry=registry,
        )
        self.analysis = Gauge(
            "flagger_canary_metric_analysis",
            "Last canary analysis result per metric",
            ("name", "namespace", "metric"),
            registry=registry,
        )
        self.duration = Histogram(
            "flagger_canary_duration_seconds",
            "Seconds spent performing canary analysis.",
            ("name", "namespace"),
            buckets=BUCKETS,
            registry=registry,
        )
        self.successes = Counter(
            "flagger_canary_successes",
            "Total number of canary successes",
            ends,
            registry=registry,
        )
        self.failures = Counter(
            "flagger_canary_failures",
            "Total number of canary failures",
            ends,
            registry=registry,
        )


class EngineFamilies:
    """Our own additions; ``name`` is that of the Canary."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.phase = Gauge(
            "canary_engine_phase",
            "1 for the phase that the Canary is in",
            ("namespace", "name", "phase"),
            registry=registry,
        )
        self.rollout = Histogram(
            "canary_engine_rollout_duration_seconds",
            "Seconds from the start of a rollout to its end",
            ("namespace", "name", "outcome"),
            buckets=_ROLLOUT_BUCKETS,
            registry=registry,
        )
        self.drift = Counter(
            "canary_engine_drift_corrections",
            "Objects changed by somebody else and put right",
            ("namespace", "name", "kind"),
            registry=registry,
        )
        self.queue = Gauge(
            "canary_engine_queue_depth",
            "Canaries waiting for a reconcile",
            registry=registry,
        )
        self.queued = Gauge(
            "canary_engine_queued_rollouts",
            "Rollouts that wait for their turn",
            ("namespace",),
            registry=registry,
        )
        self.requests = Counter(
            "canary_engine_api_requests",
            "Requests sent to the Kubernetes API",
            ("verb", "resource"),
            registry=registry,
        )
        self.reconcile = Histogram(
            "canary_engine_reconcile_duration_seconds",
            "Seconds spent in one reconcile",
            buckets=BUCKETS,
            registry=registry,
        )
        self.leader = Gauge(
            "canary_engine_leader",
            "1 while this process leads",
            registry=registry,
        )
        self.watch = Gauge(
            "canary_engine_watch_synced",
            "1 while the cache of the resource is in sync",
            ("resource", "namespace"),
            registry=registry,
        )
