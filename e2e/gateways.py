"""Asks a gateway by its own interface what it has for each host."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from e2e.manifests import NAME
from e2e.stack import contour
from e2e.stack.settings import Settings
from e2e.witness import Ask, Shares

_ROUTES = "/config_dump?resource=dynamic_route_configs"
_PATIENCE = aiohttp.ClientTimeout(total=5)
_HOST = re.compile(r'Host\("([^"]+)"\)')


@asynccontextmanager
async def asking(settings: Settings, provider: str) -> AsyncIterator[Ask]:
    """The way to the gateway that reads the routes of ``provider``."""
    doors = {"istio": "istio_admin", "nginx": "ingress_api"}
    door = doors.get(provider)
    connector = None if door else aiohttp.UnixConnector(str(contour.admin(settings)))
    base = settings.url(door) if door else "http://envoy"
    async with aiohttp.ClientSession(connector=connector, timeout=_PATIENCE) as session:

        async def get(path: str) -> Any:
            async with session.get(base + path) as response:
                response.raise_for_status()
                return await response.json(content_type=None)

        async def ask() -> Mapping[str, Shares]:
            if provider == "nginx":
                return traefik_shares(await get("/api/rawdata"))
            return envoy_shares(await get(_ROUTES))

        yield ask


def envoy_shares(dump: Mapping[str, Any]) -> dict[str, Shares]:
    """What an Envoy's dump of its routes says. Raises KeyError for anything else."""
    configs = [config["route_config"] for config in dump.get("configs", ())]
    found = [host for config in configs for host in config.get("virtual_hosts", ())]
    return {
        domain: tuple(_share(one["route"]) for one in host.get("routes", ()) if "route" in one)
        for host in found
        for domain in host["domains"]
    }


def _share(action: Mapping[str, Any]) -> int:
    weighted = action.get("weighted_clusters", {}).get("clusters")
    clusters = weighted or [{"name": action["cluster"], "weight": 100}]
    return _percent(clusters, lambda name: f"{NAME}-canary" in name)


def _percent(parts: Sequence[Mapping[str, Any]], marked: Callable[[str], bool]) -> int:
    """How much of the whole the parts with such a name make; a weight of zero isn't written."""
    canary = sum(part.get("weight", 0) for part in parts if marked(part["name"]))
    return round(100 * canary / sum(part.get("weight", 0) for part in parts))


def traefik_shares(dump: Mapping[str, Any]) -> dict[str, Shares]:
    """What Traefik's dump of its routers and services says. Raises KeyError for anything else."""
    weighted = {
        name.partition("@")[0]: service["weighted"]["services"]
        for name, service in dump["services"].items()
        if "weighted" in service
    }
    found: dict[str, Shares] = defaultdict(tuple)
    # Whoever has a mark is told by a further condition, which comes before.
    routers = dump["routers"].values()
    for router in sorted(routers, key=lambda router: router["priority"], reverse=True):
        name = router["service"].partition("@")[0]
        parts = weighted.get(name, [{"name": name, "weight": 1}])
        for host in _HOST.findall(router["rule"]):
            found[host] += (_percent(parts, lambda part: part.endswith("-canary")),)
    return dict(found)
