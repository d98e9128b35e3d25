"""What one decision looks at, put together from scene, record, world and memory."""

from __future__ import annotations

from canary.api import semantics
from canary.api.canary import Canary
from canary.controller.memory import Memory
from canary.controller.scene import Scene, traffic
from canary.controller.settings import Settings
from canary.rollout.record import Record
from canary.rollout.view import Now, Timing, View
from canary.rollout.world import World


def view_of(
    scene: Scene, record: Record, world: World, memory: Memory, settings: Settings, now: Now
) -> View:
    """The view of a Canary whose turn to start it is."""
    return View(
        canary=scene.canary,
        record=record,
        world=world,
        timing=timing(scene.canary, settings),
        now=now,
        answers=dict(memory.answers),
        delivered=frozenset(memory.delivered),
        held=memory.held,
        ceiling=memory.ceiling,
        evaluated_at=memory.evaluated_at,
        provider=settings.mesh_provider,
        traffic=traffic(scene.provider, scene.obj),
    )


def timing(canary: Canary, settings: Settings) -> Timing:
    """The effective times of a Canary."""
    spec = canary.spec
    engine = spec.effective_engine
    return Timing(
        interval=semantics.effective_interval(spec.analysis, settings.interval_floor),
        settle=engine.settle_seconds,
        drain=engine.drain_seconds,
        deadline=float(spec.deadline),
        longest_window=semantics.longest_window(spec.analysis),
        floor=settings.interval_floor,
    )
