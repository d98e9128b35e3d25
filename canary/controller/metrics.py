"""The exported metrics: Flagger's families, exactly, and beside them our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Gauge

from canary.controller.families import EngineFamilies, FlaggerFamilies
from canary.controller.series import Series, Subject

__all__ = ["Metrics", "Subject"]

_STATUS: Final = {"Progressing": 0.0, "Failed": 2.0}
"""Values of ``flagger_canary_status``; every other phase is 1 (alerts compare with > 1)."""


class Metrics:
    """What happened and how things stand, told by the moments that the engine goes through.

    Nothing here raises for a Canary that it doesn't know, and ``forget`` removes all its series
    (Flagger's stay for ever: operations 16.8).
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._flagger = FlaggerFamilies(registry)
        self._engine = EngineFamilies(registry)
        self._series = Series()
        self._namespaces: set[str] = set()
        self._queues: set[str] = set()

    def started(self, version: str, mesh_provider: str) -> None:
        """The process is up."""
        self._flagger.info.labels(version, mesh_provider).set(1)

    def canaries(self, counts: Mapping[str, int]) -> None:
        """How many Canaries each namespace has; a namespace without any loses its series."""
        self._namespaces = _set(self._flagger.total, counts, self._namespaces)

    def queued(self, counts: Mapping[str, int]) -> None:
        """How many rollouts of each namespace wait for their turn; else as ``canaries``."""
        self._queues = _set(self._engine.queued, counts, self._queues)

    def phase(self, subject: Subject, phase: str) -> None:
        """The phase that the status shows now."""
        status = self._series.own(
            subject, self._flagger.status, (subject.target, subject.namespace)
        )
        status.set(_STATUS.get(phase, 1.0))
        labels = (subject.namespace, subject.canary, phase)
        self._series.only(subject, self._engine.phase, labels).set(1)

    def weight(self, subject: Subject, canary: int) -> None:
        """The canary's share that the route carries, in percent; the primary has the rest."""
        shares = {f"{subject.target}-primary": 100 - canary, subject.target: canary}
        for workload, share in shares.items():
            labels = (workload, subject.namespace)
            self._series.own(subject, self._flagger.weight, labels).set(share)

    def check(self, subject: Subject, metric: str, value: float) -> None:
        """The value of one metric of the analysis; ``request-duration`` in seconds."""
        labels = (subject.target, subject.namespace, metric)
        self._series.own(subject, self._flagger.analysis, labels).set(value)

    def ran(self, subject: Subject, seconds: float) -> None:
        """One run of the analysis got past the threshold check and took this long."""
        labels = (subject.target, subject.namespace)
        self._series.own(subject, self._flagger.duration, labels).observe(seconds)

    def succeeded(
        self, subject: Subject, *, strategy: str = "canary", skipped: bool = False
    ) -> None:
        """A promotion finished. ``strategy``: canary, blue-green or ab-testing."""
        status = "skipped" if skipped else "completed"
        labels = (subject.target, subject.namespace, strategy, status)
        self._series.own(subject, self._flagger.successes, labels).inc()

    def failed(self, subject: Subject, *, strategy: str = "canary") -> None:
        """A rollback, or a promotion that failed."""
        labels = (subject.target, subject.namespace, strategy, "completed")
        self._series.own(subject, self._flagger.failures, labels).inc()

    def ended(self, subject: Subject, outcome: str, seconds: float) -> None:
        """A rollout took this long from start to ``outcome`` (a phase, in lower case)."""
        labels = (subject.namespace, subject.canary, outcome)
        self._series.own(subject, self._engine.rollout, labels).observe(seconds)

    def corrected(self, subject: Subject, kind: str) -> None:
        """An object of ``kind`` that somebody changed was put right."""
        labels = (subject.namespace, subject.canary, kind)
        self._series.own(subject, self._engine.drift, labels).inc()

    def forget(self, namespace: str, canary: str) -> None:
        """The Canary is gone: so are its series, unless another one has taken them over."""
        self._series.forget(namespace, canary)

    def queue(self, depth: Callable[[], int]) -> None:
        """Where to read the number of waiting keys."""
        self._engine.queue.set_function(lambda: float(depth()))

    def requested(self, verb: str, resource: str) -> None:
        """One request to the Kubernetes API; fits ``Client(on_call=...)``."""
        self._engine.requests.labels(verb, resource).inc()

    def reconciled(self, seconds: float) -> None:
        """One reconcile took this long."""
        self._engine.reconcile.observe(seconds)

    def leads(self, leading: bool) -> None:
        """Whether this process leads."""
        self._engine.leader.set(1 if leading else 0)

    def watching(self, resource: str, namespace: str, synced: bool) -> None:
        """State of one cache; ``namespace`` is empty for the whole cluster."""
        self._engine.watch.labels(resource, namespace).set(1 if synced else 0)


def _set(gauge: Gauge, counts: Mapping[str, int], before: set[str]) -> set[str]:
    """Show the counts by namespace; gives the namespaces that have a series now."""
    present = {namespace for namespace, count in counts.items() if count > 0}
    for namespace in before - present:
        gauge.remove(namespace)
    for namespace in present:
        gauge.labels(namespace).set(counts[namespace])
    return present
