"""Everything one decision may look at, and what follows from it without a choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from canary.api.canary import Canary
from canary.rollout.binding import Binding, binding
from canary.rollout.observed import Present, Unknown
from canary.rollout.plan import ROUTED, Position, Step, Traffic, plan
from canary.rollout.questions import Answer, Availability, Pending, Question
from canary.rollout.record import Record, Revision, Run
from canary.rollout.turn import Turn
from canary.rollout.world import Route, World


@dataclass(frozen=True, slots=True)
class Now:
    """The two clocks: ``mono`` paces (seconds), ``wall`` is written and read by people."""

    mono: float
    wall: datetime


@dataclass(frozen=True, slots=True)
class Timing:
    """Effective times of one Canary, in seconds."""

    interval: float
    settle: float
    drain: float
    deadline: float
    longest_window: float = 60.0
    """The longest metric window: evidence reaches that far back."""
    floor: float = 0.0
    """The shortest stay at a step."""


@dataclass(frozen=True, slots=True)
class Held:
    """How long the present hold has lasted, so that its announcements can be paced.

    ``rule`` is the rule that held last time, ``since`` when it began to, ``spoke`` when it was last
    announced (monotonic seconds; None: not yet).
    """

    rule: str = ""
    since: float = 0.0
    spoke: float | None = None
    frozen: bool = False
    """Nothing could be looked at: the clocks of waits start anew afterwards."""


@dataclass(frozen=True, slots=True)
class View:
    """The frozen input of ``decide``.

    ``ceiling`` is a canary weight that must not be exceeded although the record says more: the
    route was lowered before the record could follow, or was found lower after a restart.
    ``evaluated_at`` is when the last poll ended without a change of the routing (monotonic
    seconds). ``traffic`` says what the provider can do, ``turn`` whether a run may start (None:
    nothing limits them).
    """

    canary: Canary
    record: Record
    world: World
    timing: Timing
    now: Now
    answers: Mapping[Question, Answer] = field(default_factory=dict)
    delivered: frozenset[int] = frozenset()
    held: Held = Held()
    ceiling: int | None = None
    evaluated_at: float | None = None
    traffic: Traffic = ROUTED
    provider: str = ""
    """The provider of a Canary that names none."""
    turn: Turn | None = None

    @property
    def name(self) -> str:
        """``NAME.NAMESPACE`` of the Canary, as events spell it."""
        return f"{self.canary.metadata.name}.{self.canary.metadata.namespace}"

    @property
    def target_kind(self) -> str:
        """``spec.targetRef.kind``."""
        return self.canary.spec.target_ref.kind

    @property
    def autoscaled(self) -> bool:
        """An autoscaler decides how many pods there are, beyond none."""
        return self.canary.spec.scaler is not None

    @property
    def first_replicas(self) -> int:
        """Replicas of a target that starts from zero: its autoscaler's minimum, else as many as the
        primary has; at least 1."""
        target, primary = self.world.target, self.world.primary
        if isinstance(target, Present) and target.value.least is not None:
            return target.value.least
        return max(1, primary.value.replicas if isinstance(primary, Present) else 1)

    @property
    def target_name(self) -> str:
        """``NAME.NAMESPACE`` of the target, as events spell it."""
        return f"{self.canary.spec.target_ref.name}.{self.canary.metadata.namespace}"

    @property
    def primary_name(self) -> str:
        """``NAME.NAMESPACE`` of the primary, as events spell it."""
        return f"{self.canary.spec.target_ref.name}-primary.{self.canary.metadata.namespace}"

    @property
    def binding(self) -> Binding:
        """What is in force of the names that a run is bound to."""
        return binding(self.canary, self.provider)

    @property
    def run(self) -> Run:
        """The run in flight; only for stages that have one."""
        if self.record.run is None:
            raise AssertionError(f"{self.record.stage} without a run")
        return self.record.run

    @property
    def steps(self) -> tuple[Step, ...]:
        """The plan of the present spec."""
        return plan(self.canary, self.traffic)

    @property
    def position(self) -> Position:
        """How far the run has come."""
        return Position(self.record.weight, self.record.mirror, self.run.iteration)

    @property
    def skip(self) -> bool:
        """The analysis is skipped, by spec."""
        return self.canary.spec.skip_analysis

    @property
    def revision(self) -> Revision | Unknown:
        """The target's revision, with the memory of a digest taken at the same generation."""
        target = self.world.target
        if not isinstance(target, Present):
            return Unknown("the target is not there")
        seen = target.value.revision
        if not isinstance(seen, Present):
            return Unknown(seen.why)
        return self.recognised(seen.value)

    def recognised(self, seen: Revision) -> Revision:
        """The same (uid, generation) is the same template, whatever a new default made of it."""
        for known in (self.record.run and self.record.run.revision, self.record.applied):
            if known and known.taken_on(seen.uid, seen.generation):
                return Revision(known.template, seen.configs, seen.uid, seen.generation)
        return seen

    def answer(self, question: Question) -> Answer:
        """The answer so far."""
        return self.answers.get(question, Pending())

    def asking(self, question: Question) -> frozenset[Question]:
        """``question`` and the answered ones of the same moment, which its answer goes with."""
        if isinstance(question, Availability):
            return frozenset({question})
        moment = (question.run, question.poll)
        asked = (q for q in self.answers if not isinstance(q, Availability))
        return frozenset({question, *(q for q in asked if (q.run, q.poll) == moment)})

    @property
    def carried(self) -> Route | None:
        """The live route, if it carries what is of record."""
        route = self.world.route
        if not isinstance(route, Present):
            return None
        meant = (self.record.weight, self.record.mirror)
        return route.value if (route.value.weight, route.value.mirror) == meant else None

    @property
    def live_at(self) -> float | None:
        """When the weight of record is live, by the monotonic clock; None while it isn't.

        A confirming provider says so; where nothing confirms it is the settle time after the route
        carried it.
        """
        route = self.carried
        if route is None or route.confirmed is False:
            return None
        return route.matched_at + (0.0 if route.confirmed else self.timing.settle)

    @property
    def drained_at(self) -> float | None:
        """When the requests of the weight before have ended.

        A drain time after a confirmed weight. Where nothing confirms, both times are guesses that
        start at the write, and the longer one covers the other.
        """
        route = self.carried
        if route is None or route.confirmed is False:
            return None
        wait = self.timing.drain
        if route.confirmed is None:
            wait = max(self.timing.settle, self.timing.drain)
        return route.matched_at + wait

    @property
    def drained(self) -> bool:
        """The weight of record is live and its drain time is over."""
        return self.drained_at is not None and self.now.mono >= self.drained_at
