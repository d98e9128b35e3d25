"""Conditions of our own: what keeps a Canary from being run, and fields that can't mean what
they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from canary.api import semantics
from canary.api.warning import SpecWarning
from canary.controller.drift import contested
from canary.controller.memory import Memory
from canary.controller.scene import Scene
from canary.controller.settings import Settings
from canary.kube.resources import Obj
from canary.rollout.binding import differences
from canary.rollout.record import Record
from canary.rollout.status import BLOCKED, QUEUED, WARNING, Notice
from providers.demands import left_out


def notices(
    record: Record, scene: Scene | None, memory: Memory, settings: Settings
) -> tuple[Notice, ...]:
    """The conditions that are due beside ``Promoted``; no scene where the spec can't be read."""
    found = []
    fought = [f"{resource.kind} {name}" for resource, name in contested(memory)]
    if record.problem:
        found.append(Notice(BLOCKED, record.problem, record.hold))
    elif fought:
        what = ", ".join(sorted(fought))
        text = f"{what} keeps being changed back by somebody else; corrected every 30 s"
        found.append(Notice(BLOCKED, "DriftContested", text))
    if record.queued:
        found.append(Notice(QUEUED, "MaxConcurrentRuns", record.reason))
    warnings = _warnings(record, scene, settings) if scene else ()
    if warnings:
        text = "; ".join(f"{w.field}: {w.message}" for w in warnings)
        found.append(Notice(WARNING, warnings[0].reason, text))
    return tuple(found)


def _warnings(record: Record, scene: Scene, settings: Settings) -> tuple[SpecWarning, ...]:
    """What doesn't apply as written, whatever routes, or not yet, and what this provider can't do
    (D14)."""
    lacking = list(left_out(scene.provider, scene.obj)) if scene.provider else []
    lacking += [extension.without for extension in scene.lacking]
    return (
        *_later(record, scene),
        *semantics.warnings(scene.canary, settings.interval_floor),
        *(SpecWarning("ProviderLacks", one.field, one.message) for one in lacking),
    )


def _later(record: Record, scene: Scene) -> Iterator[SpecWarning]:
    """Edits that wait until the rollout has ended."""
    held = record.run.binding if record.run else None
    if held is not None and scene.wanted is not None:
        for field, values in differences(held, scene.wanted):
            yield SpecWarning("AppliesLater", field, f"{values} when the rollout has ended")


def shown(obj: Obj, wanted: Sequence[Notice]) -> bool:
    """Whether the status of ``obj`` has these conditions of ours, and no other."""
    conditions = (obj.get("status") or {}).get("conditions") or ()
    have = {
        (c.get("type"), c.get("reason"), c.get("message"))
        for c in conditions
        if c.get("type") in (BLOCKED, WARNING, QUEUED)
    }
    return have == {(n.type, n.reason, n.message) for n in wanted}
