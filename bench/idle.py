"""What Canaries cost that do nothing: the start, memory, and CPU time at rest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench.commands import yardstick
from bench.manifests import Plan
from bench.process import Cluster, Engine, Stalled, until

STILL = 1.0
"""Seconds without any CPU time after which an engine counts as quiet."""
UNLIMITED = ("-kubeconfig-qps=1000000", "-kubeconfig-burst=1000000")


@dataclass(frozen=True, slots=True)
class Start:
    """One start: seconds until ready and until quiet, CPU seconds until then, bytes of memory."""

    ready: float
    quiet: float
    cpu: float
    resident: int
    requests: int
    """Requests until it was quiet, watches left out."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Seconds of CPU time and requests in a while of ``lasted`` seconds without any change."""

    cpu: float
    requests: int
    lasted: float


def initialised(cluster: Cluster, still: float = STILL) -> float:
    """Let an engine without a limit on requests set all Canaries up; gives the seconds."""
    # Until the pods of all targets run, it is the cluster that takes the time.
    cluster.quiet(still)
    with Engine(cluster, *UNLIMITED) as engine:
        until(lambda: _all_initialised(engine, cluster), "initialised Canaries", pause=0.5)
        lasted = time.monotonic() - engine.started
        engine.quiet(still)
    return lasted


def _all_initialised(engine: Engine, cluster: Cluster) -> bool:
    engine.alive()
    return bool(cluster.ask("phases") == {"Initialized": cluster.count})


def start(
    cluster: Cluster, *flags: str, still: float = STILL, watched: float = 0.0
) -> tuple[Start, Rest]:
    """Start an engine over Canaries that are all at rest, and watch it for ``watched`` seconds."""
    before = cluster.ask("heard")["requests"]
    with Engine(cluster, *flags) as engine:
        ready, quiet = engine.ready(), engine.quiet(still)
        cpu, requests = engine.cpu(), cluster.ask("heard")["requests"]
        found = Start(ready, quiet, cpu, engine.resident(), requests - before)
        time.sleep(watched)
        more = cluster.ask("heard")["requests"] - requests
        rest = Rest(engine.cpu() - cpu, more, watched)
        looked_at = engine.metric("canary_engine_reconcile_duration_seconds_count")
        if looked_at < cluster.count:
            raise Stalled(f"{looked_at:.0f} of {cluster.count} Canaries were looked at")
    return found, rest


def start_figures(found: list[Start], count: int, what: str) -> Iterator[str]:
    """The least of several starts."""
    best = min(found, key=lambda one: one.quiet)
    unit = yardstick(5)
    yield (
        f"start-up, {count} Canaries, {what}: ready after {min(s.ready for s in found):.1f} s, "
        f"all looked at and quiet after {best.quiet:.1f} s with {best.requests} requests"
    )
    cpu = min(one.cpu for one in found)
    yield (
        f"start-up, {count} Canaries, {what}: {cpu:.2f} s of CPU time, "
        f"{cpu / unit:.0f} x python -c pass"
    )


def memory_figures(few: list[Start], count: int, many: list[Start], total: int) -> Iterator[str]:
    """Memory for each idle Canary, from two sizes."""
    low, high = (min(s.resident for s in found) for found in (few, many))
    yield (
        f"memory: {high / 1e6:.0f} MB with {total} idle Canaries, {low / 1e6:.0f} MB with {count}: "
        f"{(high - low) / (total - count) / 1e3:.0f} kB for each Canary"
    )


def rest_figures(found: Rest, count: int) -> Iterator[str]:
    """What doing nothing costs."""
    yield (
        f"at rest, {count} Canaries: {found.requests} requests and {found.cpu:.2f} s of CPU time "
        f"in {found.lasted:g} s"
    )


def idle_figures(
    few: int, many: int, repeat: int, seconds: float, still: float = STILL
) -> Iterator[str]:
    """All of it; each start is that of a fresh process."""
    with Cluster(few, Plan()) as cluster:
        initialised(cluster, still)
        small = [start(cluster, still=still)[0] for _ in range(repeat)]
    with Cluster(many, Plan()) as cluster:
        lasted = initialised(cluster, still)
        yield f"{many} new Canaries are initialised after {lasted:.0f} s, requests unlimited"
        unlimited = [start(cluster, *UNLIMITED, still=still)[0] for _ in range(repeat)]
        large = [start(cluster, still=still)[0] for _ in range(repeat - 1)]
        last, resting = start(cluster, still=still, watched=seconds)
    large.append(last)
    yield from start_figures(large, many, "100 requests/s")
    yield from start_figures(unlimited, many, "requests unlimited")
    yield from memory_figures(small, few, large, many)
    yield from rest_figures(resting, many)
