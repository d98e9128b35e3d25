"""The first process of the namespace: sets the network up, starts everything, obeys the outside.

It speaks JSON lines on its standard streams. When its input ends, so does it, and with it, since it
is the namespace's process 1, every process of the run.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from canary.kube.errors import ApiError, Unreachable
from e2e.stack import contour, control_plane, flux, istio, network, prometheus, proxy, traefik
from e2e.stack.apply import Applier, client_of, documents
from e2e.stack.cache import Cache
from e2e.stack.daemon import Component, Daemon, DaemonFailed
from e2e.stack.recipes import GoModule
from e2e.stack.settings import Settings
from e2e.stack.versions import FEATURES

CRDS_FOLDER = Path(__file__).resolve().parents[2] / "crds"


class Inside:
    """All daemons of one run."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.daemons: dict[str, Daemon] = {}

    def tell(self, **message: Any) -> None:
        """One line for the outside."""
        os.write(1, json.dumps(message).encode() + b"\n")

    async def up(self) -> None:
        """Start everything that the settings ask for. Raises DaemonFailed, ApiError."""
        settings = self.settings
        settings.logs.mkdir(exist_ok=True)
        settings.targets.write_text("[]")
        await self._start(control_plane.etcd(settings))
        await self._start(control_plane.api_server(settings))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._start(control_plane.controller_manager(settings)))
            tasks.create_task(self._start(control_plane.scheduler(settings)))
            tasks.create_task(self._start(control_plane.kubelet(settings)))
            tasks.create_task(self._start(prometheus.prometheus(settings)))
            tasks.create_task(self._kinds_then_gateways())

    async def _kinds_then_gateways(self) -> None:
        settings, began = self.settings, time.monotonic()
        async with client_of(settings.kubeconfig) as client:
            applier = Applier(client)
            await applier.apply(documents(*self._manifests()))
            self._ready("kinds (CRDs)", began)
            if "contour" in settings.features:
                await applier.apply(contour.objects())
            if "istiod" in settings.features:
                await applier.apply(istio.objects(settings))
            if "traefik" in settings.features:
                await applier.apply(traefik.objects())
            if "flux" in settings.features:
                name = {"name": flux.NAMESPACE}
                await applier.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": name}])
        if "contour" in settings.features:
            await self._start(contour.contour(settings))
            await self._start(contour.envoy(settings))
        if "istiod" in settings.features:
            await self._start(istio.istiod(settings))
            await self._start(istio.envoy(settings))
        if "traefik" in settings.features:
            await self._start(traefik.traefik(settings))
        if "proxy" in settings.features:
            proxy.lead_in()
            await self._start(proxy.proxy(settings))
        if "flux" in settings.features:
            await self._start(flux.git_server(settings))
            await self._start(flux.source_controller(settings))
            await self._start(flux.kustomize_controller(settings))

    def _manifests(self) -> list[Path]:
        cache = Cache(self.settings.cache_root)
        files = sorted(CRDS_FOLDER.glob("*.yaml"))
        for feature in ("base", *sorted(self.settings.features)):
            for piece in FEATURES[feature]:
                if isinstance(piece, GoModule) and piece.manifests:
                    files += cache.manifests(piece)
        # Flux' folders also hold what only kustomize reads.
        return [file for file in files if file.name != "kustomization.yaml"]

    async def _start(self, component: Component) -> None:
        began = time.monotonic()
        daemon = Daemon(component, self.settings.logs, self._died)
        self.daemons[component.name] = daemon
        await daemon.start()
        self._ready(component.name, began)

    def _ready(self, what: str, began: float) -> None:
        self.tell(event="ready", what=what, seconds=round(time.monotonic() - began, 2))

    def _died(self, name: str, code: int) -> None:
        self.tell(event="died", what=name, code=code)

    async def obey(self) -> None:
        """Carry out commands until the outside is gone."""
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
        while line := await reader.readline():
            command = json.loads(line)
            error = ""
            try:
                daemon = self.daemons[command["name"]]
                if command["do"] == "stop":
                    await daemon.stop(command["signal"])
                else:
                    await daemon.start()
            except DaemonFailed as failure:
                error = str(failure)
            except KeyError:
                error = f"there is no {command['name']}; there are {', '.join(self.daemons)}"
            self.tell(event="answer", id=command["id"], error=error)


async def run(settings: Settings) -> None:
    """Up, then obedient until the end."""
    inside = Inside(settings)
    relays = [
        await network.relay(socket.socket(fileno=number), contour.PORT if name == "gateway" else 0)
        for name, number in settings.doors.items()
    ]
    # The one server that can't have its door's port gets there from inside, too.
    address = ("127.0.0.1", settings.ports["gateway"])
    relays.append(await network.relay(socket.create_server(address), contour.PORT))
    obeying = asyncio.create_task(inside.obey())
    starting = asyncio.create_task(inside.up())
    # If the outside goes away during the start, there is nobody to start for.
    await asyncio.wait({obeying, starting}, return_when=asyncio.FIRST_COMPLETED)
    if obeying.done():
        return
    try:
        starting.result()
    except* (DaemonFailed, ApiError, Unreachable, OSError, TimeoutError, yaml.YAMLError) as failed:
        inside.tell(event="failed", why="\n".join(_causes(failed)))
    else:
        inside.tell(event="up")
    await obeying
    for server in relays:
        server.close()


def _causes(group: BaseExceptionGroup[BaseException]) -> list[str]:
    causes: list[str] = []
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            causes += _causes(error)
        else:
            causes.append(str(error) or type(error).__name__)
    return causes


def main() -> None:
    """Argument: the settings file."""
    # Process 1 of its namespace gets only signals that it handles; a terminal's are not for it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settings = Settings.load(Path(sys.argv[1]))
    network.set_up()
    asyncio.run(run(settings))


if __name__ == "__main__":
    main()
