"""What the exported metrics are told, and when."""

from __future__ import annotations

from analysis.subject import Check
from canary.clock import Clock
from canary.controller.metrics import Metrics, Subject
from canary.controller.scene import Scene
from canary.rollout.observed import Present
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from canary.rollout.world import World

_ENDS = (Stage.SUCCEEDED, Stage.FAILED)


class Telemetry:
    """Translates records, worlds and checks into series."""

    def __init__(self, metrics: Metrics, clock: Clock) -> None:
        self._metrics = metrics
        self._clock = clock

    def seen(self, scene: Scene, record: Record, world: World) -> None:
        """A Canary as it stands."""
        subject = subject_of(scene)
        self._metrics.phase(subject, record.stage.value)
        if isinstance(world.route, Present):
            self._metrics.weight(subject, world.route.value.weight)

    def moved(self, scene: Scene, before: Record, after: Record) -> None:
        """A new record is committed."""
        subject = subject_of(scene)
        self._metrics.phase(subject, after.stage.value)
        if after.stage not in _ENDS or not before.stage.running:
            return
        if after.stage is Stage.FAILED:
            self._metrics.failed(subject)
        elif before.stage is Stage.FINALISING:
            self._metrics.succeeded(subject, skipped=bool(after.run and after.run.skipped))
        if after.run and after.run.started:
            seconds = (self._clock.now() - after.run.started).total_seconds()
            self._metrics.ended(subject, after.stage.value.lower(), seconds)

    def checked(self, scene: Scene, checks: tuple[Check, ...], seconds: float) -> None:
        """An evaluation has ended."""
        subject = subject_of(scene)
        for check in checks:
            if check.number is not None:
                self._metrics.check(subject, check.metric, check.number)
        self._metrics.ran(subject, seconds)

    def corrected(self, scene: Scene, kind: str) -> None:
        """Drift was put right."""
        self._metrics.corrected(subject_of(scene), kind)


def subject_of(scene: Scene) -> Subject:
    """What the series of this Canary are about."""
    return Subject(scene.names.namespace, scene.names.canary, scene.names.target)
