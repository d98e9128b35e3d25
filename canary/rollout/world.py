"""What the engine sees of the cluster: facts, not Kubernetes objects."""

from __future__ import annotations

from dataclasses import dataclass

from canary.rollout.binding import Binding
from canary.rollout.intent import Request
from canary.rollout.observed import Absent, Observed, Present, Unknown
from canary.rollout.record import Revision


@dataclass(frozen=True, slots=True)
class Ready:
    """As many pods of the newest template are available as the threshold asks for."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Not ready yet; ``text`` says for what, in Flagger's words."""

    text: str


@dataclass(frozen=True, slots=True)
class Stuck:
    """Will not become ready: the workload exceeded its own progress deadline."""

    text: str


Readiness = Ready | Waiting | Stuck


@dataclass(frozen=True, slots=True)
class Target:
    """The workload that Git changes."""

    revision: Observed[Revision]
    """Unknown while the digest of a tracked ConfigMap or Secret is being read."""
    replicas: int
    pods: int
    """Pods that still exist, whatever their state."""
    readiness: Readiness
    endpoints: int
    """Ready endpoints of the canary Service."""
    copied_at: float | None = None
    """Where the target is a Service: since when its copy has had its spec (monotonic seconds). For
    a while the endpoints that are seen are still those of the spec before."""
    same_as_primary: bool = False
    """Its template, rewritten, equals the live primary's: for taking over from Flagger."""
    fresh: bool = False
    """Its newest ReplicaSet is younger than the last status that Flagger wrote."""
    scales: bool = True
    """Replica commands mean something; a Service has no pods of its own."""
    least: int | None = None
    """Replicas with which its autoscaler starts from zero; None without an autoscaler."""
    leaving: bool = False
    """It is being deleted itself."""


@dataclass(frozen=True, slots=True)
class Primary:
    """The engine's copy that serves users."""

    replicas: int
    readiness: Readiness
    endpoints: int
    """Ready endpoints of the primary Service."""
    digest: str = ""
    """Digest of its own live template."""
    runs: str = ""
    """Digest of the pinned template that it matches; empty when it matches none of record."""
    most: int | None = None
    """The maximum of its autoscaler, if that has one."""


@dataclass(frozen=True, slots=True)
class Route:
    """The live split, once it is readable.

    ``matched_at`` is the monotonic time since when it has carried the canary weight it carries
    now; ``confirmed`` tells whether every proxy that matters reported it (None: nothing confirms,
    the settle time has to do).
    """

    weight: int
    matched_at: float
    confirmed: bool | None
    why: str = ""
    """Why a confirming provider has not confirmed yet."""
    proved: bool = False
    """This weight was confirmed once; a gateway that takes it back doesn't hide what it does."""
    mirror: bool = False
    """The canary gets a copy of the primary's requests."""


ROUTE_KIND_MISSING = "RouteKindMissing"
"""Reason of the problem that the cluster doesn't serve what the provider routes by."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps this Canary from being run. ``field`` is empty for the cluster's part."""

    reason: str
    """CamelCase, the reason of the condition."""
    text: str
    field: str = ""
    error: bool = False
    passing: bool = False
    """The next promotion ends it: it keeps no run from that."""


@dataclass(frozen=True, slots=True)
class Dependency:
    """A Canary that has to be at rest and promoted before a run starts.

    ``why`` it isn't, empty if it is. ``problem``: the reason of the condition, where a person has
    to mend it; ``why`` then says all.
    """

    name: str
    why: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class World:
    """One consistent look at everything that a decision may depend on."""

    target: Observed[Target]
    primary: Observed[Primary]
    route: Observed[Route]
    pins: frozenset[str] = frozenset()
    """Digests of the templates that are pinned."""
    apex_ready: bool = False
    """The apex Service exists and selects the primary (or needs no switch)."""
    problems: tuple[Problem, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    deleted: bool = False
    """The Canary itself is being deleted."""
    finalizer: bool = False
    """The Canary can't go before the engine lets it."""
    original: bool = False
    """The promoted template is pinned as the target had it, so that it can be given back."""
    released: bool = True
    """No object of somebody else refers to what goes with the Canary: apex Service and routes."""
    wanted: Binding | None = None
    """What the spec asks for, where that isn't what the run is bound to."""
    parted: bool = False
    """All that the run is bound to leads to the primary alone, or isn't there."""
    request: Request | None = None
    """What somebody asks for by hand."""

    @property
    def primary_endpoints(self) -> int:
        """Ready endpoints of the primary Service; 0 when none is known."""
        return self.primary.value.endpoints if isinstance(self.primary, Present) else 0

    @property
    def canary_endpoints(self) -> int:
        """Ready endpoints of the canary Service; 0 when none is known."""
        return self.target.value.endpoints if isinstance(self.target, Present) else 0

    @property
    def canary_is_dead(self) -> bool:
        """Surely no endpoint serves the canary: unknown is not dead."""
        if isinstance(self.target, Unknown):
            return False
        return isinstance(self.target, Absent) or self.target.value.endpoints == 0
