"""From cached objects to facts: the only place that reads Kubernetes objects for the engine."""

from __future__ import annotations

from functools import lru_cache

import orjson

from canary.controller.contents import TEMPLATES, content_digest
from canary.controller.dependencies import dependencies
from canary.controller.memory import Memory
from canary.controller.problems import problems
from canary.controller.projected_routes import context
from canary.controller.releases import FINALIZER, all_given_back
from canary.controller.requests import request
from canary.controller.scene import Scene, traffic
from canary.controller.settings import Settings
from canary.controller.templates import primary_manifest_template, tracked_refs, wanted_template
from canary.kube.resources import Obj
from canary.rollout import texts
from canary.rollout.observed import Absent, Observed, Present, Unknown
from canary.rollout.record import Record, Revision
from canary.rollout.world import Primary, Readiness, Ready, Route, Stuck, Target, Waiting, World
from canary.workloads import readiness as health
from canary.workloads.primary import template_drift
from canary.workloads.service_target import copy_spec
from providers.interface import Liveness, Routing


def observe(scene: Scene, record: Record, memory: Memory, settings: Settings, now: float) -> World:
    """The world of one Canary. Every fact is as fresh as the caches, none is made up."""
    return World(
        target=_target(scene, memory, now),
        primary=_primary(scene, record),
        route=_route(scene, record, memory, now),
        pins=frozenset(scene.pins),
        apex_ready=_apex_ready(scene),
        problems=problems(scene, settings, record),
        dependencies=dependencies(scene),
        deleted="deletionTimestamp" in scene.obj["metadata"],
        finalizer=FINALIZER in (scene.obj["metadata"].get("finalizers") or ()),
        original=_original(scene, record),
        released=not record.stage.leaving or all_given_back(scene),
        wanted=scene.wanted,
        parted=scene.wanted is not None and _parted(scene, record),
        request=request(scene.obj),
    )


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


def _target(scene: Scene, memory: Memory, now: float) -> Observed[Target]:
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


def _primary(scene: Scene, record: Record) -> Observed[Primary]:
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


def _route(scene: Scene, record: Record, memory: Memory, now: float) -> Observed[Route]:
    if scene.route_gap is not None:
        return scene.route_gap
    if scene.provider is None:
        return Unknown("no provider")
    if not traffic(scene.provider, scene.obj).weights:
        # Nothing routes: users are where the record says as soon as it says so, and the apex
        # Service leads them there.
        since = memory.carries((record.weight, record.mirror, _apex_ready(scene)), now)
        return Present(Route(record.weight, since, True, proved=True, mirror=record.mirror))
    reading = scene.provider.read(context(scene))
    pending = reading.liveness is Liveness.PENDING
    memory.took_over(None if pending else (reading.liveness, _versions(scene)), now)
    if reading.routing is None:
        memory.carried = None
        return Absent(reading.error)
    confirmed = {Liveness.LIVE: True, Liveness.PENDING: False, Liveness.UNCONFIRMED: None}[
        reading.liveness
    ]
    weight, mirror = reading.routing.canary, reading.routing.mirror
    since = memory.carries((weight, mirror, confirmed), now)
    why = reading.error if confirmed is False else ""
    if confirmed:
        memory.proved = weight
    return Present(Route(weight, since, confirmed, why, memory.proved == weight, mirror))


def _versions(scene: Scene) -> tuple[tuple[str, str, int], ...]:
    """What the routes ask for, whatever their status says."""
    return tuple(
        (name, str(live["metadata"]["uid"]), int(live["metadata"].get("generation", 0)))
        for (_, name), live in scene.routes.items()
    )


def _parted(scene: Scene, record: Record) -> bool:
    if scene.route_gap is not None or scene.provider is None:
        return isinstance(scene.route_gap, Absent)
    seen, nobody = context(scene), Routing(100, 0, affinity=record.affinity)
    if scene.provider.read(seen).gone:
        return True
    return not any(one.weights and one.differs for one in scene.provider.desired(seen, nobody))


def _original(scene: Scene, record: Record) -> bool:
    pin = scene.pins.get(record.promoted.template) if record.promoted else None
    return pin is not None and not pin.rewritten and scene.kind.runs_pods


def _apex_ready(scene: Scene) -> bool:
    if not scene.kind.runs_pods:
        # Users call the target itself: the route alone decides who serves them.
        return isinstance(scene.target, Present)
    apex = scene.services.get(scene.names.apex)
    if not isinstance(apex, Present) or scene.label is None:
        return False
    wanted = {scene.label.key: f"{scene.label.value}-primary"}
    return dict(apex.value["spec"].get("selector") or {}) == wanted
