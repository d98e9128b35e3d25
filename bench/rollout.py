"""What progressing Canaries cost, and how late their steps come."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.commands import yardstick
from bench.idle import initialised, started
from bench.lag import Shift, Step, percentile, steps
from bench.manifests import Plan
from bench.process import Cluster, Engine, until


@dataclass(frozen=True, slots=True)
class Sample:
    """CPU seconds of the engine so far, and requests, at a moment (monotonic seconds)."""

    at: float
    cpu: float
    requests: int


@dataclass(frozen=True, slots=True)
class Rollout:
    """What was seen of one wave of rollouts."""

    shifts: Sequence[Shift]
    samples: Sequence[Sample]


def rollout(cluster: Cluster, engine: Engine, progressing: int, plan: Plan) -> Rollout:
    """Change ``progressing`` targets at once and follow their steps up to the last one."""
    samples: list[Sample] = []
    cluster.ask(f"change/{progressing}/app:2", order=True)

    def arrived() -> list[Shift]:
        engine.alive()
        heard = cluster.ask("heard")
        samples.append(Sample(time.monotonic(), engine.cpu(), heard["requests"]))
        shifts = [Shift(*shift) for shift in heard["shifts"]]
        last = 50 // plan.steps * plan.steps
        done = {shift.canary for shift in shifts if shift.weight == last}
        return shifts if len(done) == progressing else []

    limit = 120 + 4 * plan.steps * (plan.interval + plan.settle)
    return Rollout(until(arrived, "last steps", limit=limit, pause=0.5), samples)


def between(found: Rollout, last: int) -> tuple[Sample, Sample]:
    """The samples between which all Canaries do nothing but steps: after the last one's first,
    until the first one's last."""
    first_at: dict[str, float] = {}
    for shift in found.shifts:
        if shift.weight > 0:
            first_at.setdefault(shift.canary, shift.at)
    begin = max(first_at.values())
    end = min(shift.at for shift in found.shifts if shift.weight == last)
    times = [sample.at for sample in found.samples]
    low = min(bisect_left(times, begin), len(times) - 2)
    high = max(bisect_left(times, end) - 1, low + 1)
    return found.samples[low], found.samples[high]


def step_figures(found: Rollout, late: Sequence[Step], plan: Plan) -> Iterator[str]:
    """CPU time and requests for each step."""
    low, high = between(found, 50 // plan.steps * plan.steps)
    made = sum(low.at <= one.due + one.lag < high.at for one in late)
    cpu, unit = (high.cpu - low.cpu) / max(made, 1), yardstick(5)
    yield (
        f"a step: {cpu * 1000:.1f} ms of CPU time, {cpu / unit:.2f} x python -c pass, "
        f"{(high.requests - low.requests) / max(made, 1):.1f} requests ({made} steps in "
        f"{high.at - low.at:.0f} s)"
    )


def lag_figures(late: Sequence[Step], count: int, progressing: int, plan: Plan) -> Iterator[str]:
    """How late the steps came."""
    lags = [one.lag * 1000 for one in late]
    shown = ", ".join(f"p{share} {percentile(lags, share):.0f} ms" for share in (50, 95, 99))
    yield (
        f"step lag, {count} Canaries, {progressing} of them progressing at {plan.interval:g} s: "
        f"{shown}, max {max(lags):.0f} ms ({len(lags)} steps)"
    )


def rollout_figures(
    count: int, progressing: int, plan: Plan, flags: Sequence[str] = ()
) -> Iterator[str]:
    """One wave: all targets change in the same moment, the worst case."""
    with Cluster(count, plan) as cluster:
        initialised(cluster)
        before = cluster.ask("heard")["requests"]
        with Engine(cluster, *flags) as engine:
            started(engine, cluster, before)
            found = rollout(cluster, engine, progressing, plan)
        late = steps(found.shifts, plan.interval, plan.settle)
        yield from step_figures(found, late, plan)
        yield from lag_figures(late, count, progressing, plan)
