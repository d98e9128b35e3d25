"""What the oracle of safety remembers of one Canary."""

from __future__ import annotations

from dataclasses import dataclass, field

from canary.kube.resources import Resource
from simulation.oracles.reading import Place

Route = tuple[Resource, str]

RUNNING = ("Progressing", "WaitingPromotion", "Promoting", "Finalising")
"""Phases with a run in flight."""
UNSEEN = 0.5
"""Seconds that a write may be behind what somebody else did meanwhile."""


@dataclass
class Status:
    """The status of record after the last write."""

    phase: str = ""
    place: Place = field(default_factory=Place)
    run: str = ""
    since: float = 0.0
    """When this place of this run was recorded."""
    began: float = 0.0
    """When this run was recorded."""

    @property
    def weight(self) -> int:
        """The canary's weight."""
        return self.place.weight

    def left_for(self, place: Place, run: str) -> bool:
        """Whether ``place`` of ``run`` is a step ahead."""
        was = self.place if run == self.run else Place()
        return (
            place.weight > was.weight
            or place.iteration > was.iteration
            or (place.mirror and not was.mirror)
        )


@dataclass
class Seen:
    """Everything that is remembered."""

    status: Status = field(default_factory=Status)
    shares: dict[Route, tuple[int, int]] = field(default_factory=dict)
    """What each route says, by kind and name: everybody else's weight, and the canary's."""
    serving: set[Route] = field(default_factory=set)
    """Routes by which requests go to the canary."""
    zero_since: float | None = None
    meddled: float = -1e9
    """When somebody else last wrote the route."""
    images: dict[str, str] = field(default_factory=dict)
    replicas: dict[str, int] = field(default_factory=dict)
    pins: dict[str, str] = field(default_factory=dict)
    rightful: set[str] = field(default_factory=set)
    """Images that the primary may run: those that passed, and what it has begun with."""
    failed: set[str] = field(default_factory=set)
    recorded: list[tuple[float, int]] = field(default_factory=list)
    """Weights of record, each with the time of its write."""
    promote: bool = False
    """Somebody asked for this run to be promoted."""
    approvals: int = 0
    """How often somebody has approved, less the steps that were left for it."""
    begun: bool = False
    """Somebody had approved when this run began: its gate was opened by hand."""
    adopting: bool = False
    """Our record is gone: the next write imports what stands there."""
    carried: dict[str, float] = field(default_factory=dict)
    """When each run was last of record with traffic, or copies of it, for the canary."""
