"""The fixtures of the end-to-end tests: the cluster, once, and all scenarios side by side."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from e2e.elsewhere import elsewhere
from e2e.scene import Cluster
from e2e.stack.build import build
from e2e.stack.cache import Cache, cache_folder
from e2e.stack.choice import named, without_process_kubelet
from e2e.stack.cluster import Stack
from e2e.stack.versions import pieces
from e2e.suite import Suite, declared

KEEP = "E2E_KEEP"
"""Set it to keep the run's folder with all logs."""


def _say(line: str) -> None:
    print(line, flush=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip by name what needs the process kubelet where it isn't; the last ones come last."""
    why = without_process_kubelet()
    for item in items:
        found = declared(item)
        if why and (found is None or found.kubelet):
            item.add_marker(pytest.mark.skip(reason=f"{item.name} {why}"))
    items.sort(key=_late)


def _late(item: pytest.Item) -> int:
    found = declared(item)
    if item.get_closest_marker("verdict"):
        return 2
    return 1 if found is not None and found.last else 0


def _selected(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    return [item for item in items if not item.get_closest_marker("skip")]


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """Where engines, users and scenarios leave their records."""
    path = Path(tempfile.mkdtemp(prefix="canary-e2e-records-"))
    yield path
    _say(f"records of the run: {path}")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def cluster(request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[Cluster]:
    """The cluster: our own, with the parts that the selected scenarios need, or the one named."""
    async with AsyncExitStack() as exits:
        if without_process_kubelet():
            yield await exits.enter_async_context(elsewhere(named(), folder))
            return
        found = [declared(item) for item in _selected(request.session.items)]
        features = frozenset().union(*(one.features for one in found if one is not None))
        build(Cache(cache_folder()), pieces(features), _say)
        _say(f"starting the cluster ({', '.join(sorted(features)) or 'base'})")
        stack = Stack(features, say=_say, keep=KEEP in os.environ)
        await exits.enter_async_context(stack)
        cluster = Cluster(stack.client, stack.kubeconfig, folder, stack.prometheus, stack)
        exits.push_async_callback(cluster.close)
        yield cluster


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def suite(request: pytest.FixtureRequest, cluster: Cluster) -> AsyncIterator[Suite]:
    """All selected scenarios, started."""
    found = [declared(item) for item in _selected(request.session.items)]
    scenarios = [one for one in found if one is not None]
    began = time.monotonic()
    async with Suite(cluster, scenarios, _say) as running:
        yield running
        _say(f"{time.monotonic() - began:.0f} s for {len(scenarios)} scenarios")
