"""A run under faults beside the one without them (L4, S12)."""

from __future__ import annotations

from simulation.endstate import comparable, differences
from simulation.kinds import transparent
from simulation.result import Result
from simulation.scenarios import SCENARIOS

MORE, MOST = 25, 200
"""Writes that one fault may cost beyond those of the fault-free run: one of the machine, and one of
the world, after which a run may take another way."""


def compared(result: Result, base: Result) -> list[str]:
    """How a run under faults differs from the one without them (L4), where it must not."""
    found = []
    clear, timed = transparent(result.plan.faults), SCENARIOS[result.plan.scenario].timed
    rivals = any(fault.kind == "rival" for fault in result.plan.faults)
    if clear and not timed and not rivals:
        found += [f"L4: {text}" for text in differences(result.ends[0], base.ends[0])[:4]]
        found += _counted(result, base)
    if len(result.ends) > 1 and len(base.ends) > 1:
        one, other = (comparable(ends[1], result.plan.faults) for ends in (result.ends, base.ends))
        found += [f"L4 at the end: {text}" for text in differences(one, other)[:4]]
    faults = max(1, sum(fault.times for fault in result.plan.faults))
    if result.writes > base.writes + (MORE if clear else MOST) * faults:
        found.append(f"S12: {result.writes} writes, {base.writes} without faults")
    return found


def _counted(result: Result, base: Result) -> list[str]:
    """Creations, deletions, polls and what was told are those of the fault-free run."""
    made = [
        f"count: {what} {result.made[what]} times, {base.made[what]} without faults"
        for what in sorted({*result.made, *base.made})
        if result.made[what] != base.made[what]
    ]
    # A move whose record was refused is told as a resumption; a step is told again if earned again.
    again = any(text.startswith("Resuming") for text in result.events)
    told = [
        f"count: {text!r} told {heard[text]} times instead of {number}"
        for heard, expected in ((result.events, base.events), (result.alerts, base.alerts))
        for text, number in sorted(expected.items())
        if heard[text] != number and not again and not passing(text)
    ]
    polled = [
        f"count: {hook} polled {result.hooks[hook]} times instead of {base.hooks[hook]}"
        for hook in sorted({*result.hooks, *base.hooks})
        if result.hooks[hook] != base.hooks[hook] and not again
    ]
    return (made + polled + told)[:4]


def passing(text: str) -> bool:
    """What only a process that was there can tell: waits, also for one's turn, and who changed an
    object."""
    return "not ready" in text or "waits for its turn" in text or text.endswith("put right")
