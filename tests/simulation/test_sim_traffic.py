"""The oracle of traffic sees a request that finds no pod, and whose fault it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from canary import virtualtime
from canary.kube.resources import DEPLOYMENTS, ENDPOINT_SLICES, SERVICES
from simulation.oracles.traffic import LAG, REQUEST, Traffic
from simulation.process import USER
from tests.simulation.witness import Witness


class Users(Witness):
    """Users of an application whose proxy follows the route in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.traffic = Traffic(self.world)
        for service in ("podinfo-primary", "podinfo-canary"):
            self.serves(service, 2)
        self.route(100, 0)

    def serves(self, service: str, pods: int) -> None:
        """So many pods of a Service are ready."""
        labels = {"kubernetes.io/service-name": service}
        ready = [{"conditions": {"ready": True}}] * pods
        self.put(ENDPOINT_SLICES, service, "kubelet", metadata={"labels": labels}, endpoints=ready)

    async def follows(self, seconds: float = LAG[1]) -> None:
        """The proxy has had time to follow the route."""
        await asyncio.sleep(seconds)
        self.world.time += seconds


async def gone_under_requests(users: Users) -> None:
    users.serves("podinfo-primary", 0)


async def gone_before_the_last_answer(users: Users) -> None:
    users.route(40, 60)
    await users.follows()
    users.route(100, 0)
    await users.follows()
    await users.follows(REQUEST - LAG[1] - 0.1)
    users.serves("podinfo-canary", 0)


async def sent_to_nobody(users: Users) -> None:
    users.serves("podinfo-canary", 0)
    users.route(40, 60)


async def apex_to_nobody(users: Users) -> None:
    users.serves("podinfo", 1)
    users.serves("podinfo", 0)


async def gone_when_all_is_answered(users: Users) -> None:
    users.route(40, 60)
    await users.follows()
    users.route(100, 0)
    await users.follows()
    await users.follows(REQUEST + 0.1)
    users.serves("podinfo-canary", 0)


async def taken_by_users(users: Users) -> None:
    users.workload("podinfo-primary", "1.0.0", 2)
    users.workload("podinfo-primary", "1.0.0", 0, "kubectl")
    users.serves("podinfo-primary", 0)


async def sent_by_users(users: Users) -> None:
    users.serves("podinfo-canary", 0)
    users.route(40, 60, "kubectl")


async def selected_by_users(users: Users) -> None:
    users.world.workloads = SERVICES
    users.serves("podinfo", 1)
    users.serves("podinfo", 0)


LOST = (gone_under_requests, gone_before_the_last_answer, sent_to_nobody, apex_to_nobody)
FINE = (gone_when_all_is_answered, taken_by_users, sent_by_users, selected_by_users)


@pytest.mark.parametrize("act", [*LOST, *FINE], ids=lambda act: act.__name__)
def test_whose_a_lost_request_is(act: Callable[[Users], Awaitable[None]]) -> None:
    async def play() -> list[str]:
        users = Users()
        await users.follows()
        await act(users)
        await users.follows()
        return users.traffic.lost

    assert len(virtualtime.run(play())) == (act in LOST)


def test_what_the_engine_stops_is_ours_again() -> None:
    async def play() -> list[str]:
        users = Users()
        users.world.touched.add(f"{DEPLOYMENTS.plural}/podinfo")
        users.workload("podinfo", "2.0.0", 0, USER)
        users.route(40, 60)
        await users.follows()
        users.serves("podinfo-canary", 0)
        return users.traffic.lost

    assert len(virtualtime.run(play())) == 1
