"""The comparison as a table of Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from pathlib import Path

from bench.lag import percentile
from e2e.comparison.figures import Figures
from e2e.comparison.fleet import INTERVAL, WEIGHTS, Plan
from e2e.stack.versions import FLAGGER, KUBERNETES


def table(plan: Plan, ours: Figures, theirs: Figures) -> str:
    """One row for each figure; the ratio is ours to theirs."""
    lines = [
        f"{plan.canaries} Canaries, {plan.progressing} progressing, interval {INTERVAL:g} s, "
        f"{len(WEIGHTS)} steps",
        "",
        f"| | {ours.name} | {theirs.name} | ratio |",
        "|---|---|---|---|",
    ]
    for name, mine, other, form in _rows(ours, theirs):
        lines.append(f"| {name} | {mine:{form}} | {other:{form}} | {_ratio(mine, other)} |")
    return "\n".join(lines)


def _rows(ours: Figures, theirs: Figures) -> Iterator[tuple[str, float, float, str]]:
    for verb in sorted({*ours.requests, *theirs.requests}):
        pair = ours.requests.get(verb, 0.0), theirs.requests.get(verb, 0.0)
        yield f"API requests of an idle Canary in one interval: {verb}", *pair, ".2f"
    yield "the same, all verbs", ours.idle_requests, theirs.idle_requests, ".2f"
    yield "CPU while all are idle, % of a core", 100 * ours.idle_cpu, 100 * theirs.idle_cpu, ".1f"
    yield "memory while all are idle, MiB", ours.idle_memory, theirs.idle_memory, ".0f"
    yield "CPU during the rollouts, % of a core", 100 * ours.busy_cpu, 100 * theirs.busy_cpu, ".1f"
    yield "memory after the rollouts, MiB", ours.busy_memory, theirs.busy_memory, ".0f"
    requests = ours.rollout_requests, theirs.rollout_requests
    yield "API requests in the rollouts' time, for each rollout", *requests, ".0f"
    for share in (50, 99):
        yield f"step lag p{share}, s", ours.lag(share), theirs.lag(share), ".2f"
    for share in (50, 99):
        mine, other = percentile(ours.overhead, share), percentile(theirs.overhead, share)
        yield f"rollout beyond its steps p{share}, s", mine, other, ".1f"
    yield "start with all of them idle, s", ours.start, theirs.start, ".2f"
    yield "initialisation of all, s", ours.initialised, theirs.initialised, ".0f"


def _ratio(mine: float, other: float) -> str:
    return f"{mine / other:.2f}" if other else "-"


def machine() -> str:
    """Where and with what this was measured, in one line; the load tells what else ran."""
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 2**20
    one, five, fifteen = os.getloadavg()
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, Kubernetes {KUBERNETES}, Flagger {FLAGGER.version}; "
        f"load of the machine {one:.1f} {five:.1f} {fifteen:.1f} (1, 5, 15 min)"
    )
