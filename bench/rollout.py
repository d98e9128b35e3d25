"""What progressing Canaries cost, and how late their steps come."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.commands import yardstick
from bench.idle import initialised
from bench.lag import Shift, Step, percentile, steps
from bench.manifests import Plan
from bench.process import Cluster, Engine, until


@dataclass(frozen=True, slots=True)
class Sample:
    """CPU seconds of engine and API server and requests so far, at a moment (monotonic)."""

    at: float
    engine: float
    server: float
    requests: int


@dataclass(frozen=True, slots=True)
class Wave:
    """What was seen of one wave of rollouts."""

    shifts: Sequence[Shift]
    samples: Sequence[Sample]


def wave(
    cluster: Cluster, engine: Engine, first: int, progressing: int, plan: Plan, seconds: float
) -> Wave:
    """Change ``progressing`` targets from ``first`` on within ``seconds``, and follow them to
    their end. All before ``first`` have been through this."""
    samples: list[Sample] = []
    begin = time.monotonic()
    cluster.ask(f"change/{first}/{progressing}/{seconds:g}", order=True)

    def arrived() -> list[Shift]:
        engine.alive()
        heard = cluster.ask("heard")
        samples.append(Sample(time.monotonic(), engine.cpu(), cluster.cpu(), heard["requests"]))
        shifts = [shift for shift in (Shift(*row) for row in heard["shifts"]) if shift.at > begin]
        done = {shift.canary for shift in shifts if shift.weight == plan.top}
        return shifts if len(done) == progressing else []

    limit = 120 + 4 * plan.steps * (plan.interval + plan.settle)
    shifts = until(arrived, "last steps", limit=limit, pause=0.5)
    succeeded = first + progressing
    until(lambda: cluster.ask("phases").get("Succeeded") == succeeded, "promotions", pause=0.5)
    engine.quiet()
    return Wave(shifts, samples)


def between(found: Wave, top: int) -> tuple[Sample, Sample]:
    """The samples between which all Canaries do nothing but steps: after the last one's first,
    until the first one's last."""
    first_at: dict[str, float] = {}
    for shift in found.shifts:
        if shift.weight > 0:
            first_at.setdefault(shift.canary, shift.at)
    begin = max(first_at.values())
    end = min(shift.at for shift in found.shifts if shift.weight == top)
    times = [sample.at for sample in found.samples]
    low = min(bisect_left(times, begin), len(times) - 2)
    high = max(bisect_left(times, end) - 1, low + 1)
    return found.samples[low], found.samples[high]


def step_figures(found: Wave, late: Sequence[Step], plan: Plan) -> Iterator[str]:
    """CPU time and requests for each step."""
    low, high = between(found, plan.top)
    made = max(1, sum(low.at <= one.due + one.lag < high.at for one in late))
    cpu, unit = (high.engine - low.engine) / made, yardstick(5)
    yield (
        f"a step: {cpu * 1000:.1f} ms of CPU time, {cpu / unit:.2f} x python -c pass, "
        f"{(high.requests - low.requests) / made:.1f} requests ({made} steps in "
        f"{high.at - low.at:.0f} s; the sandbox's API server used "
        f"{(high.server - low.server) / made * 1000:.1f} ms for each)"
    )


def lag_figures(late: Sequence[Step], what: str) -> Iterator[str]:
    """How late the steps came."""
    lags = [one.lag * 1000 for one in late]
    shown = ", ".join(f"p{share} {percentile(lags, share):.0f} ms" for share in (50, 95, 99))
    yield f"step lag, {what}: {shown}, max {max(lags):.0f} ms ({len(lags)} steps)"


def rollout_figures(
    count: int, progressing: int, plan: Plan, flags: Sequence[str] = ()
) -> Iterator[str]:
    """Two waves, each of other Canaries: changes that come evenly within one step, and all in the
    same moment. Raises ValueError with fewer Canaries than that takes."""
    if count < 2 * progressing:
        raise ValueError(f"{progressing} of {count} Canaries can't progress twice")
    step = plan.interval + plan.settle
    what = f"{count} Canaries, {progressing} progressing at {plan.interval:g} s"
    with Cluster(count, plan) as cluster:
        initialised(cluster)
        with Engine(cluster, *flags) as engine:
            engine.ready()
            engine.quiet()
            found = wave(cluster, engine, 0, progressing, plan, step)
            late = steps(found.shifts, plan.interval, plan.settle)
            yield from step_figures(found, late, plan)
            yield from lag_figures(late, f"{what}, changed within {step:g} s")
            found = wave(cluster, engine, progressing, progressing, plan, 0.0)
            late = steps(found.shifts, plan.interval, plan.settle)
            yield from lag_figures(late, f"{what}, changed at once")
