"""Routes of a gateway are adopted and given back step by step, each confirmed and settled."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from canary import virtualtime
from canary.kube.resources import CANARIES
from canary.sandbox.gateway import HTTP_ROUTES
from tests.rig.manifests import setting
from tests.rig.stage import Stage

SETTLE = 2.0
GATEWAY = {
    "provider": "gatewayapi:v1",
    "service": {"port": 9898, "gatewayRefs": [{"name": "gateway"}]},
    "revertOnDeletion": True,
}
USERS = {
    "apiVersion": "gateway.networking.k8s.io/v1",
    "kind": "HTTPRoute",
    "metadata": {"name": "podinfo", "namespace": "test"},
    "spec": {
        "parentRefs": [{"name": "gateway"}],
        "rules": [{"backendRefs": [{"name": "podinfo", "port": 9898}]}],
    },
}
ADOPTED = [
    {"podinfo": 1, "podinfo-primary": 0, "podinfo-canary": 0},
    {"podinfo-primary": 100, "podinfo-canary": 0, "podinfo": 0},
    {"podinfo-primary": 100, "podinfo-canary": 0},
]
RETURNED = [
    {"podinfo-primary": 100, "podinfo-canary": 0, "podinfo": 0},
    {"podinfo": 1, "podinfo-primary": 0, "podinfo-canary": 0},
    {"podinfo": 1},
]


class Written:
    """What the route became: (time, weights by backend, when what was there before was confirmed).
    ``so_many`` is set after that many."""

    def __init__(self, stage: Stage, after: int) -> None:
        self._after = after
        self.rows: list[tuple[float, dict[str, int], float]] = []
        self._feed = stage.cluster.server.storage.feed(HTTP_ROUTES)
        self.so_many = asyncio.Event()
        self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        confirmed, spec = 0.0, None
        while True:
            change = await self._feed.get()
            if change is None or change.gone:
                continue
            now = asyncio.get_running_loop().time()
            if change.obj["spec"] == spec:
                confirmed = now
                continue
            spec = change.obj["spec"]
            (rule,) = spec["rules"]
            weights = {ref["name"]: ref["weight"] for ref in rule["backendRefs"]}
            self.rows.append((now, weights, confirmed))
            if len(self.rows) == self._after:
                self.so_many.set()

    def weights(self) -> list[dict[str, int]]:
        return [row for _, row, _ in self.rows]


def played(*, users: bool, restart_after: int = 0) -> Written:
    """A Canary behind a gateway that takes its time, up to its deletion; the engine is killed once
    it has written the route so often."""

    async def run() -> Written:
        stage = Stage(gateway=True)
        assert stage.cluster.gateway is not None
        stage.cluster.gateway.lag = 0.7
        await stage.up()
        written = Written(stage, restart_after)
        await stage.apply(*([USERS] if users else []), *setting(GATEWAY))
        stage.start()
        killer = asyncio.create_task(_killed(stage, written))
        await stage.until(lambda: stage.phase() == "Initialized")
        await stage.rest(30)
        await stage.delete(CANARIES, "podinfo")
        await stage.until(lambda: stage.get(CANARIES, "podinfo") is None, 300)
        assert not stage.get(HTTP_ROUTES, "podinfo")["metadata"].get("ownerReferences")
        killer.cancel()
        await stage.down()
        return written

    return virtualtime.run(run())


async def _killed(stage: Stage, written: Written) -> None:
    await written.so_many.wait()
    await stage.stop()
    await asyncio.sleep(3)
    stage.start()


def settled(rows: list[tuple[float, dict[str, int], float]]) -> None:
    """Each write comes when the one before it is confirmed and has settled."""
    for (before, _, _), (at, _, confirmed) in pairwise(rows):
        assert before < confirmed <= at - SETTLE + 0.01


def test_a_users_route_is_adopted_and_given_back() -> None:
    written = played(users=True)
    assert written.weights() == [{"podinfo": 1}, *ADOPTED, *RETURNED]
    settled(written.rows[1:4])
    settled(written.rows[4:7])


def test_a_generated_route_is_made_at_once_and_given_back() -> None:
    written = played(users=False)
    assert written.weights() == [ADOPTED[-1], *RETURNED]
    settled(written.rows[1:4])


@pytest.mark.parametrize("after", range(2, 8))
def test_a_kill_between_two_writes_changes_nothing(after: int) -> None:
    written = played(users=True, restart_after=after)
    assert written.weights() == [{"podinfo": 1}, *ADOPTED, *RETURNED]
