"""The engine's own state of one Canary, kept in ``status.engine`` and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from canary.api.hooks import HookType
from canary.rollout.announcement import Alert, Announcement
from canary.rollout.binding import Binding
from canary.rollout.intent import Intent
from canary.rollout.stage import Stage
from providers.interface import Affinity

OUTBOX_LIMIT = 64
"""Announcements kept while Kubernetes refuses events; beyond it the oldest one is dropped."""


@dataclass(frozen=True, slots=True)
class Revision:
    """What the pods of a target run.

    ``template`` is the digest of the pod template, ``configs`` maps ``configmap/NAME`` and
    ``secret/NAME`` to the checksum of its data. Two revisions are the same when both agree;
    ``uid`` and ``generation`` say on which object the digest was taken.
    """

    template: str
    configs: Mapping[str, str] = field(default_factory=dict)
    uid: str = field(default="", compare=False)
    generation: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return self.template

    def taken_on(self, uid: str, generation: int) -> bool:
        """Whether the digest was taken on this object as it is: kinds without generations (0)
        don't tell."""
        return generation > 0 and (self.uid, self.generation) == (uid, generation)


def run_id(revision: Revision, attempt: int) -> str:
    """Identity of the ``attempt``-th run of a Canary, which rolls ``revision`` out."""
    return f"{revision.template}-{attempt}"


@dataclass(frozen=True, slots=True)
class Measured:
    """One check of the last evaluation, for people: value and limit as texts."""

    metric: str
    passed: bool
    value: str
    limit: str


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt to roll one revision out. All evidence belongs to it and to nothing else.

    ``attempt`` is its number among all runs of the Canary.

    ``step`` is the index of the step whose routing is of record, -1 before the first one,
    ``iteration`` its number in Blue/Green and A/B. ``polls``
    counts evaluations asked for, so that no answer is used twice, ``shifts`` the steps back to the
    primary. ``waiting_since`` is the start of the present wait for readiness. ``quiet_since`` is
    the end of the canary traffic of the run before this one: a metric window that reaches behind
    it holds.
    """

    revision: Revision
    attempt: int = 1
    step: int = -1
    iteration: int = 0
    failed_checks: int = 0
    polls: int = 0
    started: datetime | None = None
    waiting_since: datetime | None = None
    quiet_since: datetime | None = None
    shifts: int = 0
    tested: bool = False
    """The weight of record is one of the requests that match."""
    skipped: bool = False
    recycle: bool = False
    """The pods must go through zero: only data changed, which running pods don't pick up."""
    imported: bool = False
    """Begun by Flagger: what it marked the primary with can't be derived."""
    prepared: bool = False
    """The pre-rollout hooks have passed: only the gate before the first traffic is closed."""
    unconfirmed: bool = False
    """It replaced another revision in mid-run: the confirm-rollout gate is still to be asked."""
    falling: bool = False
    """It failed, and its traffic goes back to the primary step by step."""
    stayed: float = 0.0
    """Seconds of the present step's stay that were over at the last poll."""
    binding: Binding | None = None
    """The names that it began with: an edit of these waits for its end."""
    asked: Binding | None = None
    """The edit of these that was told."""
    plan: str = ""
    """The plan, by its fingerprint, whose step an approval was asked for or given: an edited one is
    asked for anew."""
    awaited_step: int = -1
    """The step whose approval has been asked for."""
    paused: str = ""
    """Who paused it, when and why; empty while it isn't."""
    approved_step: int = -1
    """The step of the plan whose pause somebody ended."""
    measured: tuple[Measured, ...] = ()

    @property
    def id(self) -> str:
        """Identity of the run; hook keys and the primary's ``flagger-id`` derive from it."""
        return run_id(self.revision, self.attempt)


@dataclass(frozen=True, slots=True)
class Record:
    """State of record of one Canary.

    ``weight`` is the canary's share in percent; the primary has the rest, and with ``mirror`` the
    canary gets a copy of that. ``affinity`` holds the session cookies. ``awaits`` is the gate whose
    refusal has been announced and that is still closed; ``confirms`` counts the polls of the
    confirm-rollout gate. ``applied`` is the last revision taken into account, ``promoted`` the last
    one that was promoted, ``primary`` the one that the primary workload is meant to run (they
    differ while a promotion is under way or has failed). ``traffic_ended`` is when the canary last
    lost its traffic. ``scale_target`` and ``scale_primary`` are commands not yet seen to be done.
    ``queued`` is since when it waits for its turn among the runs.
    ``hold`` is the last announced reason why nothing moves, ``reason`` that of the last move.
    """

    stage: Stage = Stage.INITIALIZING
    weight: int = 0
    mirror: bool = False
    affinity: Affinity = field(default_factory=Affinity)
    awaits: HookType | None = None
    confirms: int = 0
    heard: str = ""
    """The request by hand that was last put on record, so that it isn't again."""
    intent: Intent | None = None
    """The request that is still to be done."""
    approved: HookType | None = None
    """The gate that somebody opened by hand, until it is passed."""
    run: Run | None = None
    applied: Revision | None = None
    promoted: Revision | None = None
    primary: Revision | None = None
    primary_replicas: int = 0
    scale_target: int | None = None
    scale_primary: int | None = None
    traffic_ended: datetime | None = None
    leaving_since: datetime | None = None
    """When the deletion of the Canary was first seen."""
    metrics_checked: bool = False
    queued: datetime | None = None
    hold: str = ""
    problem: str = ""
    reason: str = ""
    outbox: tuple[Announcement, ...] = ()
    seq: int = 0
    epoch: int = 0
    adoptions: int = 0
    runs: int = 0
    """Runs so far, of whatever revision; never reset, so that no two runs share an identity."""

    @property
    def falls(self) -> bool:
        """A canary that failed is losing its traffic step by step; without this, what has traffic
        in Failed is one whose promotion failed."""
        return self.stage is Stage.FAILED and self.run is not None and self.run.falling

    def say(
        self,
        text: str,
        *,
        warning: bool = False,
        error: bool = False,
        alert: Alert | None = None,
    ) -> Record:
        """This record with one more announcement queued."""
        seq = self.seq + 1
        item = Announcement(seq, text, warning, error, alert, self.stage.value)
        return replace(self, seq=seq, outbox=(*self.outbox, item)[-OUTBOX_LIMIT:])

    def call(self, hooks: HookType) -> Record:
        """This record with a call of webhooks queued among the announcements."""
        seq = self.seq + 1
        item = Announcement(seq, "", phase=self.stage.value, hooks=hooks)
        return replace(self, seq=seq, outbox=(*self.outbox, item)[-OUTBOX_LIMIT:])

    def unbound(self) -> Record:
        """This record with nobody's word awaited or pending: what it was for is over."""
        return replace(self, awaits=None, approved=None, intent=None)

    def delivered(self, seqs: frozenset[int]) -> Record:
        """This record without the announcements that have gone out."""
        return replace(self, outbox=tuple(a for a in self.outbox if a.seq not in seqs))
