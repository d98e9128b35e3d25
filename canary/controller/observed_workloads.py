"""Target and primary as the engine sees them."""

from __future__ import annotations

from functools import lru_cache

import orjson

from canary.controller.contents import TEMPLATES, content_digest
from canary.controller.memory import Memory
from canary.controller.scene import Scene
from canary.controller.templates import primary_manifest_template, tracked_refs, wanted_template
from canary.kube.resources import Obj
from canary.rollout import texts
from canary.rollout.observed import Absent, Observed, Present, Unknown
from canary.rollout.record import Record, Revision
from canary.rollout.world import Primary, Readiness, Ready, Stuck, Target, Waiting
from canary.workloads import readiness as health
from canary.workloads.primary import template_drift
from canary.workloads.service_target import copy_spec


def revision(scene: Scene, target: Obj) -> Observed[Revision]:
    """What the target's pods run; Unknown while a digest is missing, or what pods can't start
    without."""
    configs: dict[str, str] = {}
    for ref, source in scene.tracked.items():
        if isinstance(source, Unknown):
            return source
        if isinstance(source, Absent) and not ref.optional:
            return Unknown(source.why)
        if isinstance(source, Present) and source.value.tracked:
            configs[f"{ref.kind}/{ref.name}"] = source.value.checksum
    meta = target["metadata"]
    digest = content_digest(scene.kind, target)
    return Present(Revision(digest, configs, meta["uid"], int(meta.get("generation", 0))))


def drifted(scene: Scene, live: Obj, template: Obj, run: str = "") -> bool:
    """Whether what a live copy of ours runs differs from ``template``, as ``template_drift`` has
    it. Templates are looked at many times between two changes: answers are remembered."""
    kind = scene.kind
    have = live["spec"]["template"] if kind.runs_pods else kind.content(live)
    return _drifted(orjson.dumps(have), orjson.dumps(template), run)


@lru_cache(maxsize=TEMPLATES)
def _drifted(live: bytes, template: bytes, run: str) -> bool:
    primary = {"spec": {"template": orjson.loads(live)}}
    return bool(template_drift(primary, orjson.loads(template), run=run))


def _readiness(state: health.Readiness, prefix: str) -> Readiness:
    if isinstance(state, health.Ready):
        return Ready()
    if isinstance(state, health.Stuck):
        return Stuck(prefix + state.text)
    return Waiting(prefix + state.text)


def target(scene: Scene, memory: Memory, now: float) -> Observed[Target]:
    """The target, once the cache has it: its revision, size, health, and who serves for it."""
    if not isinstance(scene.target, Present):
        return scene.target
    obj, kind = scene.target.value, scene.kind
    threshold = scene.canary.spec.analysis.effective_canary_ready_threshold
    state, copied_at = kind.readiness(obj, threshold), None
    if not kind.runs_pods:
        copy = scene.services.get(scene.names.canary_service)
        if _copy_is_behind(scene, obj, copy):
            state = health.Waiting(f"{scene.names.canary_service} does not have the new spec yet")
        copied_at = memory.copies(copy.value["spec"] if isinstance(copy, Present) else None, now)
    where = f"{scene.names.target}.{scene.names.namespace}"
    return Present(
        Target(
            revision=revision(scene, obj),
            replicas=kind.size(obj),
            pods=kind.pods(obj),
            readiness=_readiness(state, texts.canary_unready(kind.name, where)),
            endpoints=scene.endpoints.get(scene.names.canary_service, 0),
            copied_at=copied_at,
            same_as_primary=_same_as_primary(scene, obj),
            leaving="deletionTimestamp" in obj["metadata"],
            fresh=False,
            scales=kind.scales,
            least=scene.autoscaling.least if scene.autoscaling else None,
        )
    )


def _copy_is_behind(scene: Scene, target: Obj, copy: Observed[Obj] | None) -> bool:
    """Whether the copy of a Service that takes the canary's traffic has another spec than it."""
    wanted = copy_spec(scene.kind.content(target), scene.obj["spec"].get("service"))
    return not isinstance(copy, Present) or drifted(scene, copy.value, wanted)


def _same_as_primary(scene: Scene, target: Obj) -> bool:
    if not isinstance(scene.primary, Present):
        return False
    content = scene.kind.content(target)
    wanted = primary_manifest_template(scene, content, "", tracked_refs(scene))
    return wanted is not None and not drifted(scene, scene.primary.value, wanted)


def primary(scene: Scene, record: Record) -> Observed[Primary]:
    """The engine's copy, once the cache has it, and which template of record it runs."""
    if not isinstance(scene.primary, Present):
        return scene.primary
    obj, kind = scene.primary.value, scene.kind
    threshold = scene.canary.spec.analysis.effective_primary_ready_threshold
    state = kind.readiness(obj, threshold)
    where = f"{scene.names.primary}.{scene.names.namespace}"
    wanted = wanted_template(scene, record)
    matches = wanted is not None and not drifted(scene, obj, wanted.template, wanted.mark)
    return Present(
        Primary(
            replicas=kind.size(obj),
            readiness=_readiness(state, texts.primary_unready(kind.name, where)),
            most=scene.autoscaling.most if scene.autoscaling else None,
            endpoints=scene.endpoints.get(scene.names.primary_service, 0),
            digest=content_digest(kind, obj),
            runs=record.primary.template if matches and record.primary else "",
        )
    )
