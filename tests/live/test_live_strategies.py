"""What the Gateway API provider writes, as a real Envoy understands it (providers 5.2 to 5.4)."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
import yaml

from canary.sandbox.gateway import HTTP_ROUTES
from providers.gatewayapi import PROVIDER
from providers.interface import Affinity, Context, Routing
from tests.live.live_rig import LIMIT, PAIR, rig

pytestmark = pytest.mark.live

COOKIES = Affinity("stay=new.one", "keep=old")
STICKY = {"sessionAffinity": {"cookieName": "stay", "primaryCookieName": "keep", "path": "/"}}
INSIDERS = {
    "match": [
        {"headers": {"x-canary": {"exact": "insider"}}},
        {"headers": {"cookie": {"regex": "^(.*?;)?(canary=always)(;.*)?$"}}},
        {"queryParams": {"v": {"exact": "2"}}},
    ]
}


def canary(analysis):
    return {
        "metadata": {"name": "shop", "namespace": "default"},
        "spec": {
            "targetRef": {"name": "shop"},
            "service": {
                "port": 80,
                "hosts": ["shop.example"],
                "gatewayRefs": [{"name": "sandbox"}],
            },
            "analysis": {"interval": "1m", **analysis},
        },
    }


class Users:
    """People behind the gateway, and the route that they meet."""

    def __init__(self, here, session):
        self._here, self._session = here, session

    async def routed(self, analysis, routing):
        """Put the provider's route into the cluster, and wait for the gateway's word on it."""
        obj = canary(analysis)
        live = self._here.sandbox.cluster.get(HTTP_ROUTES, "default", "shop")
        if live:
            await self._here.sandbox.cluster.client("user").delete(
                HTTP_ROUTES, "default", "shop", uid=live["metadata"]["uid"]
            )
        (desired,) = PROVIDER.desired(Context(obj), routing)
        await self._here.apply(yaml.safe_dump(desired.fields))
        await self._here.until(self._here.accepted)
        live = self._here.sandbox.cluster.get(HTTP_ROUTES, "default", "shop")
        read = PROVIDER.read(Context(obj, {(PROVIDER.kinds[0], "shop"): live}))
        assert read.routing == routing.visible and not read.error

    async def ask(self, path="/", **headers):
        """Who answers, and the cookies that are handed out."""
        named = {"Host": "shop.example", **headers}
        async with self._session.get(self._here.sandbox.traffic + path, headers=named) as response:
            await response.read()
            assert response.status == 200
            return response.headers["X-Revision"], response.headers.getall("Set-Cookie", [])

    async def copied(self):
        """Wait until a pod of the canary has served something."""
        query = 'sum(http_request_duration_seconds_count{kubernetes_pod_name=~"shop-canary-.*"})'
        address = f"{self._here.sandbox.prometheus}/api/v1/query"
        async with asyncio.timeout(LIMIT):
            while True:
                async with self._session.get(address, params={"query": query}) as response:
                    found = (await response.json())["data"]["result"]
                if found and float(found[0]["value"][1]) > 0:
                    return
                await asyncio.sleep(0.1)

    async def revisions(self, count=20, **headers):
        """Who answers that many requests."""
        found = [await self.ask(**headers) for _ in range(count)]
        return {revision for revision, _ in found}


@pytest.mark.asyncio
async def test_what_is_written_is_what_users_get():
    async with (
        rig(load=0.0) as here,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        await here.apply(PAIR.format(name="shop-primary", image="shop:1"))
        await here.apply(PAIR.format(name="shop-canary", image="shop:2"))
        await here.until(lambda: here.pods_ready("shop-primary") and here.pods_ready("shop-canary"))
        meet = Users(here, session)
        # First, while nothing else has reached the canary.
        await mirrored(meet)
        await sticky(meet)
        await in_an_ab_test(meet)


async def sticky(meet):
    await meet.routed(STICKY, Routing(50, 50, affinity=COOKIES))
    assert await meet.revisions(60) == {"1", "2"}
    handed = {}
    for _ in range(60):
        revision, cookies = await meet.ask()
        handed[revision] = cookies
    assert handed == {
        "1": ["keep=old; Max-Age=60; Path=/"],
        "2": ["stay=new.one; Max-Age=86400; Path=/"],
    }
    for cookie in ("stay=new.one", "a=b; stay=new.one; c=d"):
        assert await meet.revisions(Cookie=cookie) == {"2"}
    assert await meet.revisions(Cookie="a=b;keep=old") == {"1"}
    # Neither another value, nor another name, nor any other character for the dot.
    for cookie in ("stay=new.one2", "xstay=new.one", "stay=newXone", "stay=x; y=new.one"):
        assert await meet.revisions(60, Cookie=cookie) == {"1", "2"}
    await meet.routed(STICKY, Routing(100, 0, affinity=COOKIES))
    assert await meet.ask(Cookie="stay=new.one") == ("1", ["stay=new.one; Max-Age=-1; Path=/"])
    assert await meet.ask() == ("1", [])


async def in_an_ab_test(meet):
    await meet.routed(INSIDERS, Routing(0, 100))
    for insider in ({"x-canary": "insider"}, {"Cookie": "a=b;canary=always"}, {"path": "/?v=2"}):
        assert await meet.revisions(**insider) == {"2"}
    for other in ({}, {"x-canary": "outsider"}, {"Cookie": "canary=never"}, {"path": "/?v=3"}):
        assert await meet.revisions(**other) == {"1"}
    await meet.routed(INSIDERS, Routing(100, 0))
    assert await meet.revisions(**{"x-canary": "insider"}) == {"1"}


async def mirrored(meet):
    await meet.routed({"mirror": True, "mirrorWeight": 50}, Routing(100, 0, mirror=True))
    assert await meet.revisions(50) == {"1"}
    await meet.copied()
