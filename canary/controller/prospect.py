"""What would become of a Canary if this engine took it over now. Nothing is written.

It goes the way of the first reconciles: the same look, the same import, the same decision and
projection; only the writes are named instead of sent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from canary.clock import Clock
from canary.controller.gather import Gatherer
from canary.controller.memory import Memory
from canary.controller.observe import observe
from canary.controller.parsing import parsed
from canary.controller.projection import project
from canary.controller.records import imported, silence, stored
from canary.controller.scene import Scene
from canary.controller.settings import Settings
from canary.controller.viewing import timing, view_of
from canary.controller.writes import Write
from canary.kube.client import Client
from canary.kube.resources import CONTROLLER_REVISIONS, Obj
from canary.rollout.decide import decide
from canary.rollout.observed import Unknown
from canary.rollout.record import Record
from canary.rollout.verdict import Start
from canary.rollout.view import Now
from canary.workloads.managers import MANAGER


class Fate(StrEnum):
    """What would become of a Canary."""

    RUNS = "runs"
    """This engine runs it already."""
    IDLE = "idle"
    """Taken over at rest: nothing moves."""
    CONTINUES = "continues"
    """Its rollout goes on from the weight that the route carries."""
    STARTS = "starts"
    """Taken over at rest, and a rollout begins: the target isn't what was promoted or rejected."""
    INITIALIZES = "initializes"
    """Nothing is there to take over, or not all of it: it is initialised."""
    LEAVES = "leaves"
    """It is being deleted: nothing is rolled out any more."""
    REFUSED = "refused"
    """A field isn't accepted: left as it is."""
    HELD = "held"
    """Left as it is until what the reason names is gone."""


@dataclass(frozen=True, slots=True)
class Writer:
    """A controller that wrote the status: its field manager, and when it last did."""

    manager: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Prospect:
    """``field`` is that of a refusal. ``weight`` and ``step`` are those to go on from (percent for
    the canary; ``2/5``, empty without a rollout). ``writes`` would be sent first; ``then`` says
    what comes when the other ``writer`` of the status has stopped, and is empty elsewhere."""

    fate: Fate
    reason: str
    field: str = ""
    weight: int = 0
    step: str = ""
    writes: tuple[str, ...] = ()
    writer: Writer | None = None
    then: Fate | None = None


def writer(obj: Obj) -> Writer | None:
    """Who, other than this engine, wrote the status last; None where nobody did."""
    found = [
        Writer(str(entry.get("manager")), datetime.fromisoformat(str(entry["time"])))
        for entry in obj["metadata"].get("managedFields") or ()
        if entry.get("subresource") == "status"
        and entry.get("manager") != MANAGER
        and entry.get("time")
    ]
    return max(found, key=lambda one: one.at, default=None)


@dataclass(frozen=True, slots=True)
class Prospector:
    """Looks at one Canary after the other with the controller's own eyes."""

    client: Client
    gatherer: Gatherer
    settings: Settings
    clock: Clock

    async def prospect(self, obj: Obj) -> Prospect:
        """Raises ApiError and Unreachable. ``obj`` is as the API server gives it, ``managedFields``
        and all."""
        known = stored(obj)
        if known.refused and known.before is None:
            return Prospect(Fate.HELD, known.refused, writer=writer(obj))
        if known.record is not None and (obj.get("status") or {}).get("engine"):
            return Prospect(Fate.RUNS, "this engine keeps its status")
        found = parsed(obj, Memory())
        if found.canary is None:
            return Prospect(Fate.REFUSED, found.complaint)
        now = Now(self.clock.monotonic(), self.clock.now())
        interval = timing(found.canary, self.settings).interval
        if "deletionTimestamp" in obj["metadata"]:
            leaves = Prospect(Fate.LEAVES, "it is being deleted")
            return _unless_contested(obj, interval, now, leaves)
        scene = self.gatherer.gather(obj, found.canary, Record())
        world = observe(scene, Record(), Memory(), self.settings, now.mono)
        for problem in world.problems:
            fate = Fate.REFUSED if problem.field or problem.reason == "InvalidSpec" else Fate.HELD
            return Prospect(fate, problem.text, problem.field)
        # Nobody has acted on a request of the past: what holds a Canary counts before it.
        record = await imported(self.client, scene, world, now, known.before)
        if isinstance(record, Unknown):
            return Prospect(Fate.HELD, record.why)
        return _unless_contested(obj, interval, now, self._foreseen(scene, record, now))

    def _foreseen(self, scene: Scene, record: Record, now: Now) -> Prospect:
        """What comes of ``record``, once it is stored."""
        scene = self.gatherer.gather(scene.obj, scene.canary, record)
        memory = Memory()
        world = observe(scene, record, memory, self.settings, now.mono)
        view = view_of(scene, record, world, memory, self.settings, now)
        decision = decide(view)
        if decision.frozen:
            return Prospect(Fate.HELD, decision.verdict.reason, weight=record.weight)
        if record.run is not None:
            step = f"{record.run.step + 1}/{len(view.steps)}"
            text = f"from the {record.weight} % that the route carries"
            return Prospect(Fate.CONTINUES, text, weight=record.weight, step=step)
        if not record.stage.idle:
            return Prospect(Fate.INITIALIZES, _missing(scene.obj))
        if isinstance(decision.verdict, Start):
            return Prospect(Fate.STARTS, decision.verdict.reason, weight=record.weight)
        due = project(scene, decision.record, view, self.settings)
        # A pin is our own note of what the primary runs; nothing that Flagger made changes by it.
        right = [_named(write) for write in due if write.resource != CONTROLLER_REVISIONS]
        text = f"put right: {', '.join(right)}" if right else "nothing moves"
        return Prospect(Fate.IDLE, text, weight=record.weight, writes=tuple(map(_named, due)))


def _named(write: Write) -> str:
    return f"{type(write).__name__.lower()} {write.resource.kind} {write.key.name}"


def _missing(obj: Obj) -> str:
    """Why there is nothing to take over. Without its target a Canary would be held."""
    phase = str((obj.get("status") or {}).get("phase") or "")
    if phase in ("", "Initializing", "Terminated"):
        return f"phase {phase}" if phase else "no controller has looked at it yet"
    return f"phase {phase}, but the primary isn't there"


def _unless_contested(obj: Obj, interval: float, now: Now, then: Prospect) -> Prospect:
    """Held while somebody else writes the status at the pace of a rollout."""
    other = writer(obj)
    if other is None:
        return then
    silent = (now.wall - other.at).total_seconds()
    if silent >= silence(interval):
        return replace(then, writer=other)
    text = f"{other.manager} wrote its status {silent:.0f} s ago: stop it"
    return replace(then, fate=Fate.HELD, reason=text, writer=other, then=then.fate)
