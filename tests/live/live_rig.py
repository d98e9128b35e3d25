"""A sandbox with two applications behind one route, and a user's hands."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from canary.kube.resources import DEPLOYMENTS
from canary.sandbox.gateway import HTTP_ROUTES
from canary.sandbox.live.load import Tally
from canary.sandbox.live.manifests import Applier, parsed
from canary.sandbox.live.sandbox import Wanted, running

LIMIT = 60.0
"""Seconds after which something that is waited for has failed to come."""

PAIR = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: app, image: "{image}"}}]}}
---
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec: {{selector: {{app: {name}}}, ports: [{{port: 80}}]}}
"""
ROUTE = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: shop}}
spec:
  parentRefs: [{{name: sandbox}}]
  hostnames: [shop.example]
  rules:
    - backendRefs:
        - {{name: old, port: 80, weight: {old}}}
        - {{name: new, port: 80, weight: {new}}}
"""


class Rig:
    """A running sandbox and a user's hands."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        cluster = sandbox.cluster
        self._applier = Applier(cluster.server.transport("user"), cluster.server.storage, "user")

    async def apply(self, text):
        await self._applier.apply(parsed(text, "test"))

    async def until(self, holds):
        """Wait for a change of the cluster or of the users' answers after which ``holds()``."""
        loop = asyncio.get_running_loop()
        end = loop.time() + LIMIT
        while not holds():
            if loop.time() > end:
                raise AssertionError(f"not so after {LIMIT:g} s: {self.sandbox.load.tally()}")
            await asyncio.sleep(0.02)

    def pods_ready(self, name):
        obj = self.sandbox.cluster.get(DEPLOYMENTS, "default", name)
        status = (obj or {}).get("status") or {}
        done = status.get("observedGeneration") == (obj or {}).get("metadata", {}).get("generation")
        counts = {status.get(f) for f in ("replicas", "updatedReplicas", "availableReplicas")}
        return done and counts == {2}

    def accepted(self):
        """The generation of the route that the gateway has accepted."""
        route = self.sandbox.cluster.get(HTTP_ROUTES, "default", "shop") or {}
        for parent in (route.get("status") or {}).get("parents") or ():
            for one in parent["conditions"]:
                if one["type"] == "Accepted" and one["status"] == "True":
                    return one["observedGeneration"] == route["metadata"]["generation"]
        return False

    def word(self):
        """The gateway's Accepted condition, for whatever generation."""
        route = self.sandbox.cluster.get(HTTP_ROUTES, "default", "shop")
        (parent,) = route["status"]["parents"]
        return next(one for one in parent["conditions"] if one["type"] == "Accepted")

    async def shift(self, old, new):
        """Change the split, and wait for the gateway's word on it."""
        await self.apply(ROUTE.format(old=old, new=new))
        await self.until(self.accepted)

    async def answers(self, count, done=Tally.total.fget) -> Tally:
        """The next ``count`` requests of users."""
        before = self.sandbox.load.tally()
        await self.until(lambda: done(self.sandbox.load.tally().since(before)) >= count)
        return self.sandbox.load.tally().since(before)


@asynccontextmanager
async def rig(load=200.0):
    async with running(Wanted(load=load)) as sandbox:
        here = Rig(sandbox)
        await here.apply(PAIR.format(name="old", image="shop:1"))
        await here.apply(PAIR.format(name="new", image="shop:2"))
        await here.until(lambda: here.pods_ready("old") and here.pods_ready("new"))
        await here.shift(100, 0)
        yield here
