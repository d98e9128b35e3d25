"""The comparison as a table of Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench.lag import percentile
from e2e.comparison.figures import Figures
from e2e.comparison.fleet import INTERVAL, WEIGHTS, Plan
from e2e.stack.versions import FLAGGER, KUBERNETES


def table(plan: Plan, *found: Figures) -> str:
    """One row for each figure, one column for each engine; the ratio is the first to the second."""
    pair = len(found) == 2
    lines = [
        f"{plan.canaries} Canaries, {plan.progressing} progressing, interval {INTERVAL:g} s, "
        f"{len(WEIGHTS)} steps",
        "",
        f"| | {' | '.join(one.name for one in found)} |{' ratio |' if pair else ''}",
        f"|---|{'---|' * (len(found) + pair)}",
    ]
    for name, values, form in _rows(found):
        ratio = f" {_ratio(*values)} |" if pair else ""
        lines.append(f"| {name} | {' | '.join(f'{value:{form}}' for value in values)} |{ratio}")
    return "\n".join(lines)


def _rows(found: Sequence[Figures]) -> Iterator[tuple[str, list[float], str]]:
    def row(name: str, form: str, of: Callable[[Figures], float]) -> tuple[str, list[float], str]:
        return name, [of(one) for one in found], form

    for verb in sorted({verb for one in found for verb in one.requests}):
        name = f"API requests of an idle Canary in one interval: {verb}"
        yield name, [one.requests.get(verb, 0.0) for one in found], ".2f"
    yield row("the same, all verbs", ".2f", lambda one: one.idle_requests)
    yield row("CPU while all are idle, % of a core", ".1f", lambda one: 100 * one.idle_cpu)
    yield row("memory while all are idle, MiB", ".0f", lambda one: one.idle_memory)
    yield row("CPU during the rollouts, % of a core", ".1f", lambda one: 100 * one.busy_cpu)
    yield row("memory after the rollouts, MiB", ".0f", lambda one: one.busy_memory)
    name = "API requests in the rollouts' time, for each rollout"
    yield row(name, ".0f", lambda one: one.rollout_requests)
    for share in (50, 99):
        yield f"step lag p{share}, s", [one.lag(share) for one in found], ".2f"
    for share in (50, 99):
        late = [percentile(one.overhead, share) for one in found]
        yield f"rollout beyond its steps p{share}, s", late, ".1f"
    yield row("start with all of them idle, s", ".2f", lambda one: one.start)
    yield row("initialisation of all, s", ".0f", lambda one: one.initialised)


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
