"""Who gets users' requests, as the engine sees it: by the route and the apex Service."""

from __future__ import annotations

from canary.controller.memory import Memory
from canary.controller.projected_routes import context
from canary.controller.scene import Scene, traffic
from canary.rollout.observed import Absent, Observed, Present, Unknown
from canary.rollout.record import Record
from canary.rollout.world import Route
from providers.interface import Liveness, Routing


def live_route(scene: Scene, record: Record, memory: Memory, now: float) -> Observed[Route]:
    """The live split, and since when this process has seen it."""
    if scene.route_gap is not None:
        return scene.route_gap
    if scene.provider is None:
        return Unknown("no provider")
    if not traffic(scene.provider, scene.obj).weights:
        # Nothing routes: users are where the record says as soon as it says so, and the apex
        # Service leads them there.
        since = memory.carries((record.weight, record.mirror, apex_ready(scene)), now)
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
    # A write that got no answer may yet change it.
    since = max(since, memory.unsure_until(_written(scene)))
    why = reading.error if confirmed is False else ""
    if confirmed:
        memory.proved = weight
    return Present(Route(weight, since, confirmed, why, memory.proved == weight, mirror))


def _written(scene: Scene) -> dict[tuple[str, str], str]:
    """The versions of the routes, by plural and name."""
    return {
        (kind.plural, name): str(live["metadata"]["resourceVersion"])
        for (kind, name), live in scene.routes.items()
    }


def _versions(scene: Scene) -> tuple[tuple[str, str, int], ...]:
    """What the routes ask for, whatever their status says."""
    return tuple(
        (name, str(live["metadata"]["uid"]), int(live["metadata"].get("generation", 0)))
        for (_, name), live in scene.routes.items()
    )


def parted(scene: Scene, record: Record) -> bool:
    """Whether all that the run is bound to leads to the primary alone, or isn't there."""
    if scene.route_gap is not None or scene.provider is None:
        return isinstance(scene.route_gap, Absent)
    seen, nobody = context(scene), Routing(100, 0, affinity=record.affinity)
    if scene.provider.read(seen).gone:
        return True
    return not any(one.weights and one.differs for one in scene.provider.desired(seen, nobody))


def apex_ready(scene: Scene) -> bool:
    """Whether the apex Service leads to the primary."""
    if not scene.kind.runs_pods:
        # Users call the target itself: the route alone decides who serves them.
        return isinstance(scene.target, Present)
    apex = scene.services.get(scene.names.apex)
    if not isinstance(apex, Present) or scene.label is None:
        return False
    wanted = {scene.label.key: f"{scene.label.value}-primary"}
    return dict(apex.value["spec"].get("selector") or {}) == wanted
