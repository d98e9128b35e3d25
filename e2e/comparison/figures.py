"""What is measured of one engine."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.lag import percentile, steps
from e2e.answers import Answers
from e2e.audit import requests
from e2e.comparison.candidates import Candidate, Running
from e2e.comparison.fleet import INTERVAL, WEIGHTS, Fleet, Plan
from e2e.stack.cluster import Stack

_EVERYTHING = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
_INITIALISED = 3600.0
_ROLLED_OUT = 3600.0
_QUIET = 15.0
"""Seconds after the last phase in which what is left of the work is done."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Figures:
    """Of one engine. Requests are those of an idle Canary in one interval by verb; ``idle_cpu`` is
    the share of one core, memory in MiB, times in seconds. ``rollout_requests`` are those of all
    Canaries in the time of the rollouts, for each rollout; ``overhead`` is what one takes beyond
    its steps."""

    name: str
    initialised: float
    start: float
    requests: dict[str, float]
    idle_cpu: float
    idle_memory: float
    busy_cpu: float
    busy_memory: float
    rollout_requests: float
    lags: Sequence[float]
    overhead: Sequence[float]

    @property
    def idle_requests(self) -> float:
        return sum(self.requests.values())

    def lag(self, share: float) -> float:
        """This share (percent) of the steps was at most so late."""
        return percentile(self.lags, share)


async def measure(candidate: Candidate, plan: Plan, say: Say) -> Figures:
    """Everything about one candidate, on a control plane of its own. Raises StackError,
    RuntimeError, and AssertionError where what is waited for doesn't come."""
    async with Stack((), say=say) as stack, Answers() as answers:
        fleet = Fleet(stack.client, plan, lambda line: say(f"{candidate.name}: {line}"))
        try:
            config = await stack.user(candidate.user, _EVERYTHING)
            logs = stack.settings.logs
            running = Running(candidate, config, answers.address, logs)
            try:
                return await _measure(candidate, plan, say, stack, fleet, running)
            finally:
                await running.kill()
        finally:
            await fleet.close()


async def _measure(
    candidate: Candidate, plan: Plan, say: Say, stack: Stack, fleet: Fleet, running: Running
) -> Figures:
    await running.start()
    initialised = await fleet.initialise(_INITIALISED)
    await asyncio.sleep(_QUIET)
    # Started anew: that is how an engine meets a cluster whose Canaries are idle.
    await running.kill()
    start = await running.start()
    await asyncio.sleep(_QUIET)
    begin, used = time.time(), running.cpu()
    await asyncio.sleep(plan.idle)
    idle_cpu, idle_memory = (running.cpu() - used) / plan.idle, running.resident()
    shares = plan.idle / INTERVAL * plan.canaries
    sent = _sent(stack.audit_log, candidate.user, begin, time.time())
    idle = {verb: count / shares for verb, count in sorted(sent.items())}
    say(f"{candidate.name}: {sum(sent.values())} requests in {plan.idle:g} s of idleness")

    began, used = time.time(), running.cpu()
    changed = await fleet.change()
    took = await fleet.reach("Succeeded", plan.progressing, _ROLLED_OUT)
    ended, cpu, memory = time.time(), running.cpu() - used, running.resident()
    say(f"{candidate.name}: {plan.progressing} rolled out, {took:.0f} s after the last change")
    await asyncio.sleep(_QUIET)
    late = steps(fleet.shifts(began), INTERVAL, 0.0)
    busy = sum(_sent(stack.audit_log, candidate.user, began, ended).values())
    least = len(WEIGHTS) * INTERVAL
    return Figures(
        name=candidate.name,
        initialised=initialised,
        start=start,
        requests=idle,
        idle_cpu=idle_cpu,
        idle_memory=idle_memory,
        busy_cpu=cpu / (ended - began),
        busy_memory=memory,
        rollout_requests=busy / plan.progressing,
        lags=[one.lag for one in late],
        overhead=[seconds - least for seconds in fleet.ended(changed)],
    )


def _sent(log: Path, user: str, begin: float, end: float) -> Counter[str]:
    """Requests by verb; those that keep a Lease or a watch are counted like all others."""
    mine: Any = (r for r in requests(log) if r.user == user and begin <= r.at < end)
    return Counter(request.verb for request in mine)
