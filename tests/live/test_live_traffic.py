"""Envoy, Prometheus and processes together: what users get is what the objects say."""

from __future__ import annotations

import os
import signal

import aiohttp
import pytest

from canary.kube.resources import DEPLOYMENTS
from tests.live.live_rig import PAIR, ROUTE, rig

pytestmark = pytest.mark.live


@pytest.mark.asyncio
async def test_weights_and_pods_change_without_a_failed_request():
    async with rig() as here:
        begin = here.sandbox.load.tally()
        await here.answers(20)
        for new in (10, 50, 90, 100, 0, 100):
            await here.shift(100 - new, new)
            await here.answers(10)
        # Every pod behind the route is replaced while users are served.
        await here.apply(PAIR.format(name="new", image="shop:3"))
        await here.until(lambda: here.pods_ready("new"))
        served = await here.answers(50)
        whole = here.sandbox.load.tally().since(begin)
        assert whole.failed == 0, whole.counts
        assert served.of("3") > 0
        assert whole.of("1") > 0 and whole.of("2") > 0


@pytest.mark.asyncio
async def test_an_accepted_weight_is_the_one_that_is_served():
    async with rig() as here:
        for old, new, expected in ((100, 0, "1"), (0, 100, "2"), (100, 0, "1")):
            await here.shift(old, new)
            # Those under way were routed before the word came; a full second of others follows.
            await here.answers(20)
            found = await here.answers(100)
            assert found.of(expected) == found.total, found.counts


@pytest.mark.asyncio
async def test_no_weight_is_accepted_before_envoy_has_taken_it():
    async with rig(load=0.0) as here:
        (envoy,) = [one for one in here.sandbox.supervisor._children if one.name == "envoy"]
        os.kill(envoy.process.pid, signal.SIGSTOP)
        try:
            await here.apply(ROUTE.format(old=50, new=50))
            await here.until(lambda: here.word()["status"] == "False")
            assert here.word()["message"].startswith("Envoy has not taken version")
        finally:
            os.kill(envoy.process.pid, signal.SIGCONT)
        # Nobody has to touch the route for it.
        await here.until(here.accepted)


@pytest.mark.asyncio
async def test_the_split_is_that_of_the_weights():
    async with rig(load=500.0) as here:
        await here.shift(80, 20)
        await here.answers(50)
        found = await here.answers(1000)
        # Binomial with p = 0.2: five standard deviations of a thousand requests are 63.
        assert abs(found.of("2") - 0.2 * found.total) < 0.063 * found.total
        by_cluster = await here.sandbox.envoy.requests()
        # Envoy's own count of answers and the users' agree on who was asked.
        ours = here.sandbox.load.tally()
        counted = (
            by_cluster["default/old/80"]["completed"] + by_cluster["default/new/80"]["completed"]
        )
        assert counted == pytest.approx(ours.total, abs=50)


@pytest.mark.asyncio
async def test_a_route_to_nowhere_is_not_accepted_and_says_why():
    async with rig() as here:
        await here.apply(ROUTE.format(old=100, new=0).replace("name: new", "name: gone"))
        await here.until(lambda: here.word()["status"] == "False")
        assert here.word()["message"] == "backend Service gone.default is not there"
        # The Service comes: nobody has to touch the route for it.
        await here.apply(PAIR.format(name="gone", image="shop:4"))
        await here.until(lambda: here.word()["status"] == "True")


@pytest.mark.asyncio
async def test_readiness_follows_the_process():
    async with rig(load=0.0) as here:
        await here.apply(PAIR.format(name="sick", image="shop:1-crash"))
        await here.apply(PAIR.format(name="shy", image="shop:1-neverready"))
        await here.apply(PAIR.format(name="slow", image="shop:1-startup1s"))
        await here.until(lambda: here.pods_ready("slow"))
        assert not here.pods_ready("shy")
        # A crash loop: processes come and go, and no one of them takes the pod's place for good.
        sick = here.sandbox.cluster.get(DEPLOYMENTS, "default", "sick")
        assert not (sick["status"] or {}).get("availableReplicas")


@pytest.mark.asyncio
async def test_prometheus_has_what_users_saw_by_pod():
    async with rig() as here:
        await here.answers(100)
        query = 'sum by (kubernetes_namespace) (http_request_duration_seconds_count{status="200"})'
        async with aiohttp.ClientSession() as session:

            async def asked():
                url = f"{here.sandbox.prometheus}/api/v1/query"
                async with session.get(url, params={"query": query}) as response:
                    return (await response.json())["data"]["result"]

            found = await asked()
            while not found:
                # Each second one scrape: the answers of the next second are in the next one.
                await here.answers(200)
                found = await asked()
        assert [one["metric"] for one in found] == [{"kubernetes_namespace": "default"}]
        assert 0 < float(found[0]["value"][1]) <= here.sandbox.load.tally().total
