"""How many pods the primary needs before, or while, it takes traffic back (D45)."""

from __future__ import annotations

from canary.rollout.observed import Present
from canary.rollout.view import View


def for_promotion(view: View) -> int | None:
    """The primary's size before traffic returns to it: the target's.

    With an autoscaler the primary has a size of its own: it only grows, up to its maximum. Nor is
    a canary whose size the steps say a measure. None: nothing to do.
    """
    target = view.world.target
    if sized_by_steps(view):
        return None
    if not isinstance(target, Present) or target.value.replicas == 0:
        return None
    return _grown(view, target.value.replicas) if view.autoscaled else target.value.replicas


def sized_by_steps(view: View) -> bool:
    """Whether the plan says how many pods the canary has."""
    return any(step.replicas is not None for step in view.steps)


def for_run(view: View) -> int:
    """The target's size when a run starts it from zero: what the first step says, if it does."""
    told = view.steps[0].replicas
    return view.first_replicas if told is None else told


def for_service(view: View) -> int | None:
    """The target's size when it is to serve everybody, where the steps made it smaller than the
    primary was. None: it has it."""
    target = view.world.target
    if not sized_by_steps(view) or not isinstance(target, Present):
        return None
    size = view.record.primary_replicas
    return size if size > target.value.replicas else None


def for_return(view: View) -> int | None:
    """The primary's size when it gets all traffic back at once: at least that of its last
    promotion; with an autoscaler that of the canary, which shared the load. None: it has it."""
    target = view.world.target
    if not view.autoscaled:
        return _grown(view, view.record.primary_replicas)
    return _grown(view, target.value.replicas if isinstance(target, Present) else 0)


def _grown(view: View, wanted: int) -> int | None:
    primary = view.world.primary
    if not isinstance(primary, Present):
        return None
    most = primary.value.most
    size = wanted if most is None else min(wanted, most)
    return size if size > primary.value.replicas else None
