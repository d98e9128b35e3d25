"""Providers beside Istio and Gateway API: the canary Ingress of nginx, and plain Services."""

from __future__ import annotations

from typing import Any

from simulation.scenario import WINDOW, release, scenario
from simulation.scenarios_strategies import MATCH, iterated
from simulation.world import World
from tests.rig.manifests import ingress, setting

NGINX: dict[str, Any] = {
    "provider": "nginx",
    "ingressRef": {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": "podinfo"},
}
KUBERNETES: dict[str, Any] = {"provider": "kubernetes"}
OWN_METRIC = {
    "metrics": [
        {
            "name": "succeeded",
            "interval": WINDOW,
            "thresholdRange": {"min": 99},
            "query": 'avg(succeeded{app="{{ target }}"}[{{ interval }}])',
        }
    ]
}
"""Without a provider that routes there are no metrics of its own."""


def with_ingress(**parts: Any) -> list[dict[str, Any]]:
    """The setting with the Ingress of its users."""
    return [ingress(), *setting(**parts)]


@scenario("nginx")
async def nginx(world: World) -> None:
    await release(world, "2.0.0", spec=NGINX, make=with_ingress)


@scenario("nginx-bad")
async def nginx_bad(world: World) -> None:
    await release(world, "2.0.0-bad", spec=NGINX, make=with_ingress)


@scenario("nginx-abtest")
async def nginx_abtest(world: World) -> None:
    await release(world, "2.0.0", spec=NGINX, analysis=iterated(2, **MATCH), make=with_ingress)


@scenario("kubernetes")
async def kubernetes(world: World) -> None:
    await release(world, "2.0.0", spec=KUBERNETES, analysis=iterated(2, **OWN_METRIC))


@scenario("kubernetes-bad")
async def kubernetes_bad(world: World) -> None:
    """Its tests fail: no user ever meets it."""
    await release(world, "2.0.0-bad", spec=KUBERNETES, analysis=iterated(2, **OWN_METRIC))
