"""Canaries that are suspended or deleted before they have come to rest; ``revertOnDeletion``."""

from __future__ import annotations

from typing import Any

from canary.kube.resources import NAMESPACES
from canary.kube.transport import JSON
from simulation import acts
from simulation.meddling import VIRTUAL_SERVICES
from simulation.requests import send
from simulation.scenario import at_rest, begin, release, scenario, set_up
from simulation.scenarios_rollouts import GATEWAY
from simulation.world import World
from tests.rig.manifests import setting

REVERT = {"revertOnDeletion": True}


@scenario("given-back", timed=True)
async def given_back(world: World) -> None:
    """Deleted at rest, with another image promoted than the one it began with."""
    await set_up(world, spec=REVERT)
    acts.image("2.0.0")(world)
    await world.rest(5)
    await at_rest(world)
    acts.ACTS["delete"](world)
    await at_rest(world)


@scenario("given-up", timed=True)
async def given_up(world: World) -> None:
    """Deleted in the midst of a rollout: the target gets back what was promoted."""
    await set_up(world, spec=REVERT)
    acts.image("2.0.0")(world)
    await world.rest(16)
    acts.ACTS["delete"](world)
    await at_rest(world)


@scenario("unborn", timed=True)
async def unborn(world: World) -> None:
    """Deleted while the primary starts for the first time."""
    await begin(world, spec=REVERT)
    await world.rest(1.5)
    acts.ACTS["delete"](world)
    await at_rest(world)


@scenario("delayed", timed=True)
async def delayed(world: World) -> None:
    """Suspended while the primary starts for the first time."""
    await begin(world)
    await world.rest(1.5)
    acts.ACTS["suspend"](world)
    await world.rest(40)
    await at_rest(world)


async def doomed(world: World, **parts: Any) -> None:
    """The namespace is deleted in mid-rollout, with all that is in it."""
    await set_up(world, **parts)
    acts.image("2.0.0")(world)
    await world.rest(16)
    send(world, "DELETE", NAMESPACES.path("", "test"), {"kind": "DeleteOptions"}, JSON)
    await at_rest(world)
    await world.rest(30)
    assert world.cluster.get(NAMESPACES, "", "test") is None, "the namespace is still there"


@scenario("doomed", timed=True, epilogue=False)
async def doomed_at_once(world: World) -> None:
    await doomed(world)


@scenario("doomed-reverting", timed=True, epilogue=False)
async def doomed_reverting(world: World) -> None:
    """There is nothing left that could be given back."""
    await doomed(world, spec=REVERT)


def owned(**parts: Any) -> list[dict[str, Any]]:
    """The setting, with a Service and a route that its users made before."""
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "podinfo", "namespace": "test"},
        "spec": {"selector": {"app": "podinfo"}, "ports": [{"name": "http", "port": 9898}]},
    }
    rules = [{"route": [{"destination": {"host": "podinfo"}}]}]
    route = {
        "apiVersion": VIRTUAL_SERVICES.api_version,
        "kind": VIRTUAL_SERVICES.kind,
        "metadata": {"name": "podinfo", "namespace": "test"},
        "spec": {"hosts": ["podinfo.test"], "http": rules},
    }
    return [service, route, *setting(**parts)]


@scenario("owned")
async def with_their_own(world: World) -> None:
    """Their Service and route are used, and are theirs again in the end."""
    await release(world, "2.0.0", spec=REVERT, make=owned)


def behind_a_route(**parts: Any) -> list[dict[str, Any]]:
    """The setting with a route of the users' own to the Service."""
    backends = [{"name": "podinfo", "port": 9898}]
    route = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "podinfo", "namespace": "test"},
        "spec": {"parentRefs": [{"name": "gateway"}], "rules": [{"backendRefs": backends}]},
    }
    return [route, *setting(**parts)]


@scenario("route-given-back", gateway=True, timed=True)
async def route_given_back(world: World) -> None:
    """Deleted in the midst of a rollout through a gateway: users come by a route that was theirs
    before, and stay on it."""
    await set_up(world, spec={**GATEWAY, **REVERT}, make=behind_a_route)
    acts.image("2.0.0")(world)
    await world.rest(16)
    acts.ACTS["delete"](world)
    await at_rest(world)


@scenario("made-route-given-back", gateway=True, timed=True)
async def made_route_given_back(world: World) -> None:
    """The same with a route that the engine made."""
    await set_up(world, spec={**GATEWAY, **REVERT})
    acts.image("2.0.0")(world)
    await world.rest(5)
    await at_rest(world)
    acts.ACTS["delete"](world)
    await at_rest(world)
