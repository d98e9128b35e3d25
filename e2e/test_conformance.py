"""The cases that the sandbox has to pass, against the real API server."""

from __future__ import annotations

import asyncio
import secrets

from canary.kube.http import connect
from e2e.scene import Scene
from e2e.suite import scenario
from tests.conformance.cases import CASES
from tests.conformance.conftest import ready

AT_ONCE = 4


@scenario(own_engine=True, kubelet=False)
async def test_conformance(scene: Scene) -> None:
    """Each case in a namespace of its own, as administrator; no engine takes part."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def play(name: str) -> None:
        async with gate:
            transport = await connect(kubeconfig=str(scene.cluster.kubeconfig), qps=1e3, burst=1000)
            try:
                api = await ready(transport, f"{scene.namespace}-{secrets.token_hex(4)}")
                try:
                    await CASES[name](api)
                finally:
                    # Engines for all namespaces are not to find what cases leave behind.
                    await api.delete(f"/api/v1/namespaces/{api.namespace}")
            finally:
                await transport.close()

    outcomes = await asyncio.gather(*map(play, CASES), return_exceptions=True)
    failed = {n: e for n, e in zip(CASES, outcomes, strict=True) if isinstance(e, BaseException)}
    for name, error in failed.items():
        scene.say(f"{name}: {type(error).__name__}: {error}")
    scene.say(f"{len(CASES) - len(failed)} of {len(CASES)} cases pass")
    assert list(failed) == []
