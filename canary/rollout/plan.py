"""The steps of a rollout: the only place that knows strategies."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from canary.api.canary import Canary
from canary.api.semantics import Strategy, effective_iterations, effective_steps, strategy
from canary.rollout import texts


@dataclass(frozen=True, slots=True)
class Traffic:
    """What the provider of a Canary can do.

    ``weights``: False where nothing routes (``kubernetes``): users stay on the primary.
    ``mirror``: it can send the canary a copy of the primary's requests. ``sticky``: it can keep
    users on the version that served them.
    """

    weights: bool = True
    mirror: bool = False
    sticky: bool = False


ROUTED = Traffic()


@dataclass(frozen=True, slots=True)
class Step:
    """One stay at one routing, ending with a passed check.

    ``weight`` is the canary's share in percent (with A/B, of the requests that match), ``mirror``
    tells whether it also gets a copy of the primary's. ``iteration`` counts the steps of Blue/Green
    and A/B from 1; 0 in a progressive canary. ``tested``: the weight is one of the requests that
    match. ``guarded``: the promotion gate stands before it.
    ``text`` announces it; empty where nothing is said. ``lasts`` is how many seconds the stay takes
    (None: an interval), ``approval`` tells whether somebody has to end it, ``replicas`` how many
    pods the canary has before it begins (None: as many as before).
    """

    weight: int
    mirror: bool = False
    iteration: int = 0
    tested: bool = False
    guarded: bool = False
    text: str = ""
    lasts: float | None = None
    approval: bool = False
    replicas: int | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """How far a run has come: what of its last step is of record."""

    weight: int = 0
    mirror: bool = False
    iteration: int = 0


def plan(canary: Canary, traffic: Traffic = ROUTED) -> tuple[Step, ...]:
    """The steps of ``canary``; never none."""
    kind = strategy(canary.spec.analysis) if traffic.weights else Strategy.BLUE_GREEN
    mirror = canary.spec.analysis.mirror and traffic.mirror
    if kind is Strategy.AB_TESTING:
        return tuple(_ab_testing(canary))
    if kind is Strategy.BLUE_GREEN:
        return tuple(_blue_green(canary, traffic, mirror))
    return tuple(_progressive(canary, mirror))


def adaptations(canary: Canary, traffic: Traffic) -> tuple[str, ...]:
    """What is said at each step of a strategy that can't be had as it is written."""
    if traffic.weights:
        return ()
    analysis, found = canary.spec.analysis, []
    if analysis.match:
        found.append(texts.NO_AB_TESTING)
    if (analysis.iterations or 0) <= 0:
        found += [texts.NO_PROGRESSIVE, texts.iterations_set(effective_iterations(analysis))]
    return tuple(found)


def _name(canary: Canary) -> str:
    return f"{canary.metadata.name}.{canary.metadata.namespace}"


def _progressive(canary: Canary, mirror: bool) -> Iterator[Step]:
    """Rising weights, after one step of mirrored traffic where that is asked for."""
    name = _name(canary)
    if mirror:
        yield Step(0, mirror=True, text=texts.canary_weight(name, 0))
    stays = canary.spec.analysis.stays
    for stay in stays:
        text = texts.canary_weight(name, stay.weight)
        yield Step(
            stay.weight,
            text=text,
            lasts=stay.seconds,
            approval=stay.approval,
            replicas=stay.replicas,
        )
    for weight in () if stays else effective_steps(canary.spec.analysis):
        yield Step(weight, text=texts.canary_weight(name, weight))


def _blue_green(canary: Canary, traffic: Traffic, mirror: bool) -> Iterator[Step]:
    """Iterations beside the primary, then all traffic, where something routes, for one check."""
    name, total = _name(canary), effective_iterations(canary.spec.analysis)
    for number in range(1, total + 1):
        yield Step(0, mirror, number, text=texts.iteration(name, number, total))
    text = (texts.STOP_MIRROR if mirror else texts.TO_CANARY) if traffic.weights else ""
    weight = 100 if traffic.weights else 0
    yield Step(weight, False, total + 1, guarded=True, text=text)


def _ab_testing(canary: Canary) -> Iterator[Step]:
    """Iterations in which matching requests go to the canary."""
    name, total = _name(canary), effective_iterations(canary.spec.analysis)
    for number in range(1, total + 1):
        yield Step(100, False, number, tested=True, text=texts.iteration(name, number, total))


def fingerprint(steps: tuple[Step, ...]) -> str:
    """Tells one plan from another: what people see of its steps when they approve one."""
    said = [(step.weight, step.lasts, step.approval, step.replicas) for step in steps]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:8]


def next_step(steps: tuple[Step, ...], at: Position) -> int | None:
    """Index of the step that follows ``at``; None when the plan is at its end.

    Iterations are counted, weights have to rise: a plan that was edited goes on from where the
    traffic is. Progress beyond the present number of iterations counts as all of them (D16).
    """
    if steps[0].iteration:
        total = max(step.iteration for step in steps if not step.guarded)
        switched = at.weight > steps[0].weight or steps[-1].weight == steps[0].weight
        done = at.iteration if switched else min(at.iteration, total)
        return next((i for i, step in enumerate(steps) if step.iteration > done), None)
    if steps[0].mirror and at == Position():
        return 0
    return next((i for i, step in enumerate(steps) if step.weight > at.weight), None)


def step_at(steps: tuple[Step, ...], weight: int) -> int:
    """Index of the last step whose weight is at most ``weight``; -1 without any traffic, or when
    there is none."""
    below = (i for i, step in enumerate(steps) if step.weight <= weight)
    return max(below, default=-1) if weight > 0 else -1
