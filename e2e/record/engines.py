"""Who plays a scenario: the real Flagger, or this engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from e2e.flagger import Flagger
from e2e.scene import Scene

Plays = Callable[[Scene, str, str, Sequence[str]], AbstractAsyncContextManager[None]]
"""Takes the scene, the metrics server, the provider and flags; runs while the context is open."""


@asynccontextmanager
async def flagger(
    scene: Scene, metrics: str, provider: str, flags: Sequence[str]
) -> AsyncIterator[None]:
    """The real Flagger 1.44."""
    async with Flagger(scene, metrics, provider, flags):
        yield


@asynccontextmanager
async def ours(
    scene: Scene, metrics: str, provider: str, flags: Sequence[str]
) -> AsyncIterator[None]:
    """This engine, with the rights of an installation."""
    more = (f"-metrics-server={metrics}", f"-mesh-provider={provider}", *flags)
    engine = await scene.own_engine(more=more)
    await engine.start(scene.client)
    yield
    await engine.stop()
