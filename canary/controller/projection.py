"""What is still due in the cluster, as a pure function of record, world and objects.

Recomputed at every look: whatever a crash left undone comes out again.
"""

from __future__ import annotations

from collections.abc import Iterator

from canary.controller.projected_autoscalers import autoscalers
from canary.controller.projected_copies import canary_service
from canary.controller.projected_exits import exits, finalizer
from canary.controller.projected_routes import routes
from canary.controller.projected_services import services
from canary.controller.projected_workloads import copies, pins, primary, scales
from canary.controller.scene import Scene
from canary.controller.settings import Settings
from canary.controller.writes import Write
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from canary.rollout.view import View


def project(scene: Scene, record: Record, view: View, settings: Settings) -> tuple[Write, ...]:
    """The writes that are due, in their order, at most one for each object.

    The route goes first when it lowers the canary, so that nothing delays it; else it comes after
    what it needs. Nothing that serves is touched before its replacement can.
    """
    found: dict[tuple[object, object], Write] = {}
    for write in _due(scene, record, view, settings):
        found.setdefault((write.resource, write.key), write)
    return tuple(found.values())


def _due(scene: Scene, record: Record, view: View, settings: Settings) -> Iterator[Write]:
    yield from finalizer(scene, record, view)
    if record.stage.leaving:
        yield from exits(scene, record, view)
        return
    if record.stage is not Stage.INITIALIZING or _may_route(view):
        yield from routes(scene, record, view)
    if scene.kind.runs_pods and scene.label is None:
        return
    yield from services(scene, view)
    if not scene.kind.runs_pods:
        yield from canary_service(scene, record, view)
    yield from pins(scene, record)
    yield from copies(scene, record)
    yield from autoscalers(scene, record, view)
    yield from scales(scene, record, view)
    yield from primary(scene, record, settings)


def _may_route(view: View) -> bool:
    """While initialising, routes come when the primary serves behind the apex Service."""
    return view.world.primary_endpoints > 0 and view.world.apex_ready
