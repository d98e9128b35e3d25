"""Making a failing plan smaller: what is left is needed to fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from simulation.plan import Fault, Plan


def shrunk(plan: Plan, fails: Callable[[Plan], bool], tries: int = 60) -> Plan:
    """A smaller plan that ``fails`` as well: fewer faults, each less often, on the plain schedule.

    At most ``tries`` plans are tried.
    """
    left = tries
    smaller = True
    while smaller and left > 0:
        smaller = False
        for candidate in _smaller(plan):
            left -= 1
            if fails(candidate):
                plan, smaller = candidate, True
                break
            if left <= 0:
                break
    return plan


def _smaller(plan: Plan) -> list[Plan]:
    """Plans that are one step simpler, the simplest first."""
    found = []
    for index, fault in enumerate(plan.faults):
        rest = (*plan.faults[:index], *plan.faults[index + 1 :])
        found.append(replace(plan, faults=rest))
        if fault.times > 1:
            less: Fault = replace(fault, times=fault.times // 2)
            faults = (*plan.faults[:index], less, *plan.faults[index + 1 :])
            found.append(replace(plan, faults=faults))
    if plan.seed:
        found.append(replace(plan, seed=0))
    return found
