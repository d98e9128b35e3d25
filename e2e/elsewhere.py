"""A cluster that isn't ours: the one that was named, or one of kind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from e2e.scene import Cluster
from e2e.stack.apply import Applier, client_of, documents
from e2e.stack.inside import CRDS_FOLDER
from e2e.stack.namespace import StackError

KIND_CLUSTER = "canary-engine-e2e"


@asynccontextmanager
async def elsewhere(kubeconfig: Path | None, folder: Path) -> AsyncIterator[Cluster]:
    """That cluster with our CRDs; without a kubeconfig a kind cluster that is removed in the end.
    Raises StackError, ApiError, Unreachable."""
    if kubeconfig is None:
        async with kind(folder) as made, elsewhere(made, folder) as cluster:
            yield cluster
        return
    async with client_of(kubeconfig) as client:
        await Applier(client).apply(documents(*sorted(CRDS_FOLDER.glob("*.yaml"))))
        cluster = Cluster(client, kubeconfig, folder, "http://prometheus:9090", None)
        try:
            yield cluster
        finally:
            await cluster.clear()


@asynccontextmanager
async def kind(folder: Path) -> AsyncIterator[Path]:
    """A kind cluster's kubeconfig, for as long as the block runs; nobody's own kubeconfig is
    touched. Raises StackError."""
    file = folder / "kubeconfig-kind"
    where = ("--name", KIND_CLUSTER, "--kubeconfig", str(file))
    await _run("kind", "create", "cluster", *where)
    try:
        yield file
    finally:
        await _run("kind", "delete", "cluster", *where)


async def _run(*command: str) -> None:
    try:
        process = await asyncio.create_subprocess_exec(*command)
    except FileNotFoundError:
        raise StackError(f"KIND=1 needs {command[0]} on PATH") from None
    if await process.wait():
        raise StackError(f"{' '.join(command)}: exit code {process.returncode}")
