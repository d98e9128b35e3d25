"""Asks a gateway by its own interface what it carries for a host."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from e2e.manifests import NAME
from e2e.stack import contour
from e2e.stack.settings import Settings

_ROUTES = "/config_dump?resource=dynamic_route_configs"
_ALL = "?per_page=1000"
_PATIENCE = aiohttp.ClientTimeout(total=5)


@asynccontextmanager
async def asking(
    settings: Settings, provider: str, host: str
) -> AsyncIterator[Callable[[], Awaitable[tuple[int, ...]]]]:
    """A question to the gateway of ``provider``: the shares of ``host``, as Glimpse has them. The
    question raises aiohttp.ClientError, OSError, TimeoutError."""
    admin = provider.startswith("gatewayapi")
    connector = aiohttp.UnixConnector(str(contour.admin(settings))) if admin else None
    door = {"istio": "istio_admin", "nginx": "ingress_api"}.get(provider)
    base = settings.url(door) if door else "http://envoy"
    async with aiohttp.ClientSession(connector=connector, timeout=_PATIENCE) as session:

        async def ask(path: str) -> Any:
            async with session.get(base + path) as response:
                response.raise_for_status()
                return await response.json(content_type=None)

        async def shares() -> tuple[int, ...]:
            if provider == "nginx":
                parts = [await ask(f"/api/http/{part}{_ALL}") for part in ("routers", "services")]
                return traefik_shares(*parts, host)
            return envoy_shares(await ask(_ROUTES), host)

        yield shares


def envoy_shares(dump: Mapping[str, Any], host: str) -> tuple[int, ...]:
    """The shares in an Envoy's dump of its routes. Raises KeyError for anything else."""
    configs = [config["route_config"] for config in dump.get("configs", ())]
    found = [one for config in configs for one in config.get("virtual_hosts", ())]
    mine = [route for one in found if host in one["domains"] for route in one.get("routes", ())]
    return tuple(_share(route["route"]) for route in mine if "route" in route)


def _share(action: Mapping[str, Any]) -> int:
    weighted = action.get("weighted_clusters", {}).get("clusters")
    clusters = weighted or [{"name": action["cluster"], "weight": 100}]
    return _percent(clusters, lambda name: f"{NAME}-canary" in name)


def _percent(parts: Sequence[Mapping[str, Any]], marked: Callable[[str], bool]) -> int:
    """How much of the whole the parts with such a name make; a weight of zero isn't written."""
    canary = sum(part.get("weight", 0) for part in parts if marked(part["name"]))
    return round(100 * canary / sum(part.get("weight", 0) for part in parts))


def traefik_shares(
    routers: Sequence[Mapping[str, Any]], services: Sequence[Mapping[str, Any]], host: str
) -> tuple[int, ...]:
    """The shares in Traefik's lists of HTTP routers and services. Raises KeyError for anything
    else."""
    weighted = {
        service["name"].partition("@")[0]: service["weighted"]["services"]
        for service in services
        if "weighted" in service
    }
    mine = [router for router in routers if f"Host(`{host}`)" in router["rule"]]
    # Whoever has a mark is told by a further condition: the rule for everybody is the shortest.
    mine.sort(key=lambda router: len(router["rule"]), reverse=True)
    found = []
    for router in mine:
        name = router["service"].partition("@")[0]
        parts = weighted.get(name, [{"name": name, "weight": 1}])
        found.append(_percent(parts, lambda part: part.endswith("-canary")))
    return tuple(found)
