"""What belongs to one Canary in the cluster: its workloads, and what its route carries."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from canary.api.canary import Canary
from canary.cli.session import Session, mapping
from canary.controller.inforce import in_force
from canary.controller.projected_routes import resource_of
from canary.controller.records import stored
from canary.kube.resources import DAEMON_SETS, DEPLOYMENTS, Obj
from canary.rollout.observed import Absent, Observed, Present, Unknown
from providers.interface import Capability, Context, Liveness, ObjectKind, Provider
from providers.registry import UnusableProvider, installed, provider

_WORKLOADS = {"Deployment": DEPLOYMENTS, "DaemonSet": DAEMON_SETS}

_CONFIRMATION = {
    Liveness.LIVE: "confirmed",
    Liveness.PENDING: "not confirmed yet",
    Liveness.UNCONFIRMED: "nothing confirms it",
}


@dataclass(frozen=True, slots=True)
class Workload:
    """Pods wanted and ready; ``images`` by container."""

    wanted: int
    ready: int
    images: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """What a live route says: shares in percent, and whether the proxies confirmed them."""

    objects: tuple[str, ...]
    primary: int
    canary: int
    confirmation: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """``provider`` is the one that the route was read with; empty when none could be."""

    kind: str
    target_name: str
    target: Observed[Obj]
    primary: Observed[Obj]
    provider: str
    route: Observed[Split]


async def parts(session: Session, obj: Obj, canary: Canary | None) -> Parts:
    """The parts of ``obj``, as far as this person may see them: those that its run is bound to."""
    record = stored(obj).record
    if canary is not None and record is not None:
        held = in_force(obj, canary, record, "")
        obj, canary = held.obj, held.canary
    reference = mapping(mapping(obj.get("spec")).get("targetRef"))
    kind, name = str(reference.get("kind", "")), str(reference.get("name", ""))
    resource = _WORKLOADS.get(kind)
    route = asyncio.create_task(_route(session, obj, canary))
    target: Observed[Obj] = Unknown(f"pods of the kind {kind or 'that is missing'} aren't shown")
    primary = target
    try:
        if resource is not None and name:
            target, primary = await asyncio.gather(
                session.seen(resource, name), session.seen(resource, f"{name}-primary")
            )
        used, split = await route
    finally:
        route.cancel()
    return Parts(kind, name, target, primary, used, split)


def workload(seen: Observed[Obj]) -> Observed[Workload]:
    """What people want to know of a Deployment or DaemonSet."""
    if not isinstance(seen, Present):
        return seen
    spec, status = mapping(seen.value.get("spec")), mapping(seen.value.get("status"))
    wanted = status.get("desiredNumberScheduled", spec.get("replicas", 1))
    ready = status.get("readyReplicas", status.get("numberReady", 0))
    return Present(Workload(int(wanted), int(ready), images(seen.value)))


def images(obj: Obj) -> tuple[str, ...]:
    """The images of a workload's containers."""
    template = mapping(mapping(obj.get("spec")).get("template"))
    containers = mapping(template.get("spec")).get("containers") or ()
    return tuple(str(mapping(container).get("image", "")) for container in containers)


async def _route(session: Session, obj: Obj, canary: Canary | None) -> tuple[str, Observed[Split]]:
    """The route by the Canary's provider, or by the first that finds one if it names none."""
    if canary is None:
        return "", Unknown("the spec can't be read")
    named = canary.spec.provider
    try:
        candidates = {named: provider(named)} if named else _routing()
    except UnusableProvider as error:
        return named or "", Unknown(str(error))
    found: tuple[str, Observed[Split]] = ("", Absent("no provider is installed"))
    for name, candidate in candidates.items():
        found = (name, await _split(session, obj, candidate))
        if isinstance(found[1], Present):
            return found
    return found if named else ("", Absent("no route of an installed provider was found"))


def _routing() -> dict[str, Provider]:
    """Those that have routes to be found; one without weights fits any Canary."""
    return {n: each for n, each in installed().items() if Capability.WEIGHTS in each.capabilities}


async def _split(session: Session, obj: Obj, used: Provider) -> Observed[Split]:
    live: dict[tuple[ObjectKind, str], Any] = {}
    for kind, name in used.names(obj):
        seen = await session.seen(resource_of(kind), name)
        if isinstance(seen, Unknown):
            return seen
        if isinstance(seen, Present):
            live[(kind, name)] = seen.value
    reading = used.read(Context(canary=obj, live=live))
    if reading.routing is None:
        return Absent(reading.error)
    shown = tuple(f"{kind.kind}/{name}" for kind, name in live)
    confirmation = _CONFIRMATION[reading.liveness]
    if reading.liveness is Liveness.PENDING and reading.error:
        confirmation += f": {reading.error}"
    routing = reading.routing
    return Present(Split(shown, routing.primary, routing.canary, confirmation, reading.warning))
