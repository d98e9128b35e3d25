"""A gateway's control plane, simulated: it takes HTTPRoutes over and reports so."""

from __future__ import annotations

import asyncio
from typing import Any

from canary.clock import Clock, rfc3339
from canary.kube.resources import Key, Resource
from canary.sandbox.jsonvalue import JsonObj, same
from canary.sandbox.server import Server

HTTP_ROUTES = Resource("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute")
CONTROLLER = "sandbox.canary-engine.dev/gateway"


class Gateway:
    """Confirms each generation of each HTTPRoute ``lag`` seconds after it was written."""

    def __init__(self, server: Server, clock: Clock, lag: float = 0.0) -> None:
        self._server, self._clock = server, clock
        self.lag = lag
        self.refuses = ""
        """Why routes are not accepted; empty: they are."""

    def changed(self, key: Key, obj: JsonObj) -> None:
        """An HTTPRoute was written."""
        if self.lag:
            asyncio.get_running_loop().call_later(self.lag, self._report, key)
        else:
            self._report(key)

    def _report(self, key: Key) -> None:
        obj = self._server.storage.get(HTTP_ROUTES, key)
        if obj is None:
            return
        found: list[Any] = [
            {
                "parentRef": {k: v for k, v in ref.items() if v is not None},
                "controllerName": CONTROLLER,
                "conditions": [
                    self._condition("Accepted", obj, not self.refuses),
                    self._condition("ResolvedRefs", obj, True),
                ],
            }
            for ref in obj["spec"].get("parentRefs") or ()
        ]
        if same(_settled((obj.get("status") or {}).get("parents")), _settled(found)):
            return
        kind = self._server.kind_of(HTTP_ROUTES.group, "v1", "httproutes")
        body = {**obj, "status": {"parents": found}}
        self._server.writer.update(kind, key, body, "gateway", subresource="status")

    def _condition(self, kind: str, obj: JsonObj, holds: bool) -> JsonObj:
        return {
            "type": kind,
            "status": "True" if holds else "False",
            "reason": kind if holds else "Rejected",
            "message": "" if holds else self.refuses,
            "observedGeneration": obj["metadata"]["generation"],
            "lastTransitionTime": rfc3339(self._clock.now()),
        }


def _settled(parents: Any) -> Any:
    """Reports without their times."""
    return [
        {**p, "conditions": [{**c, "lastTransitionTime": ""} for c in p["conditions"]]}
        for p in parents or ()
    ]
