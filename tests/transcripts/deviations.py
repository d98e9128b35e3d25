"""Where our own recordings of Flagger are played otherwise, and what asks for it."""

from __future__ import annotations

from collections.abc import Mapping

from tests.transcripts.deviation import Deviation
from tests.transcripts.deviations_objects import OBJECTS
from tests.transcripts.recorded import State

_COPYING = "N Copying APP template spec to PRIMARY"
_ROUTING = "N Routing all traffic to primary"
_COMPLETED = "N Promotion completed! Scaling down APP"
_PROMOTION = (_COPYING, _ROUTING, _COMPLETED)
_OVERDUE = (
    "W Rolling back APP progress deadline exceeded canary deployment APP not ready: "
    "waiting for rollout to finish",
    "W Canary failed! Scaling down APP",
)
_SKIPPED = (
    "W PRIMARY not ready: waiting for rollout to finish",
    "N Initialization done! APP",
    "N New revision detected! Scaling up APP",
    _COPYING,
    "N Promotion completed! Canary analysis was skipped for APP",
)


def _skipped(split: str = "100/0") -> Deviation:
    """The primary has to be ready before it is the only one, and the canary to drain."""
    phases = ("Promoting", "Finalising", "Succeeded")
    states = tuple((phase, 0, 0, 0, split) for phase in phases)
    return Deviation("D22, D44", states=(2, states), told=(0, _SKIPPED))


def _deleted(*left: str, kept: int = 0, split: str = "-", first: State | None = None) -> Deviation:
    """What users are sent through outlives the Canary; S11."""
    states = (first,) if first else ()
    ends: tuple[State, ...] = (("Terminating", 0, 0, 0, split), ("Terminated", 0, 0, 0, "-"))
    return Deviation(
        "design: deletion with `revertOnDeletion`",
        states=(kept, (*states, *ends)),
        left=frozenset({"Service/app", *left}),
    )


_ENDED = {
    "Canary/app status.phase": "Succeeded",
    "Canary/app status.conditions.0.reason": "Succeeded",
    "Canary/app status.conditions.0.status": "True",
    "Canary/app status.conditions.0.message": (
        "Canary analysis completed successfully, promotion finished."
    ),
}
_BACK = "N Ending APP analysis: APP is back at the promoted revision"
_UNMEASURED = Deviation("analysis 12.3", more_queries=True)
_ROLLOUT = ("rollout", 200, "Progressing")
_AT_REST: State = ("Initialized", 0, 0, 0, "100/0")
_PROMOTED: State = ("Succeeded", 0, 0, 0, "100/0")

_RUNS: Mapping[str, Deviation] = {
    "gw-reverted": Deviation(
        "D7",
        states=(4, (_PROMOTED,)),
        told=(7, (_BACK,)),
        queries=1,
        fields={
            "Deployment/app spec.replicas": 0,
            "Deployment/app-primary metadata.annotations.deployment.kubernetes.io/revision": "1",
            **_ENDED,
        },
    ),
    "gw-gate-reverted": Deviation(
        "D9", states=(2, (_PROMOTED,)), told=(4, (_BACK,)), hooks=(1, ()), fields=_ENDED
    ),
    "gw-no-interval": Deviation("analysis 12.1", worded={'interval=""': 'interval="1m"'}),
    "gw-no-values-builtin": _UNMEASURED,
    "istio-no-values": _UNMEASURED,
    "k8s-no-values": _UNMEASURED,
    "nginx-no-values": _UNMEASURED,
    "gw-skip-later": Deviation(
        "D44",
        states=(3, (("Promoting", 0, 0, 0, "100/0"), ("Finalising", 0, 0, 0, "100/0"), _PROMOTED)),
    ),
    "k8s-adopted-delete": Deviation(
        # Flagger leaves users with a Service that leads to the primary's pods, which are gone.
        "D35, providers D31",
        states=(0, _deleted(first=("Initialized", 0, 0, 0, "-")).states[1]),
        fields={"Service/app spec.selector.app": "app", "Service/app spec.ports.0.name": "web"},
    ),
    "gw-step-edited": Deviation(
        "design: a strategy is a plan",
        states=(
            3,
            (
                ("Progressing", 40, 0, 0, "60/40"),
                ("Progressing", 80, 0, 0, "20/80"),
                ("Promoting", 80, 0, 0, "20/80"),
                ("Finalising", 0, 0, 0, "100/0"),
                _PROMOTED,
            ),
        ),
        told=(
            6,
            (
                "N Advance APP canary weight 40",
                "N Advance APP canary weight 80",
                *_PROMOTION,
            ),
        ),
        queries=3,
    ),
    "gw-suspend": Deviation(
        "design: waits speak like ticks",
        told=(
            7,
            (
                "N Advance APP canary weight 40",
                "N Advance APP canary weight 60",
                *_PROMOTION,
            ),
        ),
    ),
    "gw-deadline": Deviation("D5", told=(5, _OVERDUE)),
    "gw-deadline-workload": Deviation("D5", told=(5, _OVERDUE)),
    "gw-skip": _skipped(),
    "istio-skip": _skipped(),
    "k8s-skip": _skipped("-"),
    "k8s-gates": Deviation(
        "D18",
        states=(
            5,
            (
                ("WaitingPromotion", 0, 2, 0, "-"),
                ("WaitingPromotion", 0, 3, 0, "-"),
                ("Promoting", 0, 3, 0, "-"),
                ("Finalising", 0, 0, 0, "-"),
                ("Succeeded", 0, 0, 0, "-"),
            ),
        ),
        told=(
            11,
            (
                *("N Confirm-promotion check confirm-promotion-hook passed",) * 2,
                _COPYING,
                _COMPLETED,
            ),
        ),
        queries=5,
        hooks=(
            5,
            (
                ("confirm-promotion", 500, "Progressing"),
                *(_ROLLOUT, ("confirm-promotion", 500, "Progressing")),
                *(_ROLLOUT, ("confirm-promotion", 200, "Progressing")) * 2,
            ),
        ),
    ),
    "gw-delete": _deleted("HTTPRoute/app", first=_AT_REST),
    "istio-delete": _deleted("VirtualService/app", first=_AT_REST),
    "nginx-delete": _deleted(first=_AT_REST, split="100/0"),
    "k8s-delete": _deleted(first=("Initialized", 0, 0, 0, "-")),
    "gw-delete-promoted": _deleted("HTTPRoute/app", kept=5, first=_PROMOTED),
    "gw-delete-plain": Deviation(
        "D36",
        states=(0, (("Initialized", 0, 0, 0, "-"),)),
        told=(
            3,
            (
                "W Canary APP was deleted in phase Initialized: app-primary and all generated "
                "objects go with it, APP keeps its replicas; scale it up if it is to serve",
            ),
        ),
    ),
}

DEVIATIONS: Mapping[str, Deviation] = {**_RUNS, **OBJECTS}
"""By the name of the recording."""
