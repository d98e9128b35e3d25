"""Fields that older CRDs lack: asked for once, and done without (providers D11)."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from canary import virtualtime
from canary.clock import LoopClock
from canary.controller.schemas import FRESH, Schemas, declares
from canary.kube.client import Client
from canary.kube.resources import CRDS, Key
from canary.kube.transport import Request, Response
from canary.sandbox.cluster import routing_crds
from providers.gatewayapi import HTTP_ROUTE, PERCENT
from tests.fields.scenes import HTTP_ROUTES
from tests.rig.manifests import setting
from tests.rig.stage import ORIGIN, Stage
from tests.rig.staged import staged
from tests.transcripts.script import Script

GATEWAY = {"provider": "gatewayapi:v1", "service": {"gatewayRefs": [{"name": "gateway"}]}}
MIRRORED = {"mirror": True, "mirrorWeight": 30}
BACKEND = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
SAID = "30 can't be had from HTTPRoutes older than Gateway API 1.3: all are copied"


def old_crds() -> list[dict[str, Any]]:
    """The routing CRDs, of which the HTTPRoute knows no more of a mirror than its backend."""
    found = copy.deepcopy(routing_crds())
    (route,) = [crd for crd in found if crd["spec"]["names"]["kind"] == "HTTPRoute"]
    schema = route["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    rule = schema["properties"]["spec"]["properties"]["rules"]["items"]
    kept = {"type": "object", "properties": {"backendRef": BACKEND}}
    item = {
        "type": "object",
        "properties": {"type": {"type": "string"}, "requestMirror": kept},
    }
    rule["properties"]["filters"] = {"type": "array", "items": item}
    return found


def mirrors(stage: Stage) -> list[dict[str, Any]]:
    """What the live route mirrors."""
    rules = stage.get(HTTP_ROUTES, "podinfo")["spec"]["rules"]
    return [f["requestMirror"] for rule in rules for f in rule.get("filters") or ()]


async def begins(script: Script, crds: list[dict[str, Any]], analysis: dict[str, Any]) -> None:
    stage = script.stage
    await stage.up(crds=False)
    for crd in crds:
        await stage.user.create(CRDS, crd)
    await stage.apply(*setting(GATEWAY, analysis))
    stage.start()
    await script.reaches("Initialized")


@staged()
async def test_all_requests_are_mirrored_where_the_crd_has_no_share(script: Script) -> None:
    await begins(script, old_crds(), MIRRORED)
    stage = script.stage
    (told,) = [c for c in stage.status()["conditions"] if c["type"] == "SpecWarning"]
    assert told["message"] == f"spec.analysis.mirrorWeight: {SAID}"
    await script.image("2.0.0")
    await stage.until(lambda: bool(mirrors(stage)))
    ref = {"group": "", "kind": "Service", "name": "podinfo-canary", "port": 9898}
    assert mirrors(stage) == [{"backendRef": ref}]
    await script.reaches("Succeeded")
    assert not [text for _, text in stage.events() if "declared" in text]


@staged()
async def test_nobody_asks_unless_a_share_is_wanted(script: Script) -> None:
    await begins(script, routing_crds(), {"mirror": True})
    asked = [what for _, what in script.stage.calls if what.startswith("/openapi")]
    assert asked == []


@staged()
async def test_a_share_that_is_asked_for_in_mid_mirroring_counts_at_once(script: Script) -> None:
    await begins(script, routing_crds(), {"mirror": True})
    stage = script.stage
    await script.image("2.0.0")
    await stage.until(lambda: bool(mirrors(stage)))
    await script.spec(analysis={"mirrorWeight": 30})
    await stage.rest(5)
    assert [mirror["percent"] for mirror in mirrors(stage)] == [30]
    assert stage.status()["canaryWeight"] == 0


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("spec.rules[].filters[].type", True),
        ("spec.rules[].filters[].requestMirror.percent", False),
        ("spec.rules[].filters[].requestMirror.backendRef.any", True),
        ("spec.rules[].other", True),
        ("status", True),
        ("metadata", False),
    ],
)
def test_a_field_is_kept_if_it_is_declared_or_all_are(path: str, there: bool) -> None:
    (route,) = [crd for crd in old_crds() if crd["spec"]["names"]["kind"] == "HTTPRoute"]
    schema = route["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert declares(schema, path) is there


class Server:
    """An API server that has this to say of schemas."""

    def __init__(self, answer: Callable[[], Response]) -> None:
        self.answer = answer
        self.times: list[float] = []
        """When it was asked."""

    @property
    def asked(self) -> int:
        return len(self.times)

    async def request(self, request: Request) -> Response:
        self.times.append(asyncio.get_running_loop().time())
        return self.answer()


def looked(answer: Callable[[], Response], play: Callable[..., Awaitable[None]]) -> None:
    async def run() -> None:
        server, woken = Server(answer), list[Key]()
        schemas = Schemas(Client(server), LoopClock(ORIGIN), woken.append)  # type: ignore[arg-type]
        await play(server, schemas, woken)
        schemas.close()

    virtualtime.run(run())


KEY, OTHER = Key("test", "podinfo"), Key("test", "other")


def test_an_answer_is_good_for_a_while_and_the_old_one_until_there_is_a_new_one() -> None:
    crds = {"percent": False}

    def answer() -> Response:
        known = {"percent": {"type": "integer"}} if crds["percent"] else {}
        items = {"properties": {"requestMirror": {"properties": known}}}
        rule = {"properties": {"filters": {"items": items}}}
        spec = {"properties": {"rules": {"items": rule}}}
        row = {"group": HTTP_ROUTE.group, "version": "v1", "kind": "HTTPRoute"}
        schema = {"properties": {"spec": spec}, "x-kubernetes-group-version-kind": [row]}
        return answered(200, {"components": {"schemas": {"other": {}, "route": schema}}})

    async def play(server: Server, schemas: Schemas, woken: list[Key]) -> None:
        assert schemas.has(HTTP_ROUTE, PERCENT, KEY) is None
        assert schemas.has(HTTP_ROUTE, PERCENT, OTHER) is None
        await asyncio.sleep(0.1)
        assert (server.asked, sorted(woken)) == (1, [OTHER, KEY])
        assert schemas.has(HTTP_ROUTE, PERCENT, KEY) is False
        crds["percent"] = True
        await asyncio.sleep(FRESH - 1)
        assert schemas.has(HTTP_ROUTE, PERCENT, KEY) is False
        await asyncio.sleep(2)
        assert schemas.has(HTTP_ROUTE, PERCENT, KEY) is False
        await asyncio.sleep(0.1)
        assert schemas.has(HTTP_ROUTE, PERCENT, KEY) is True
        assert (server.asked, woken[2:]) == (2, [KEY])

    looked(answer, play)


@pytest.mark.parametrize(("status", "tries"), [(404, 1), (403, 1), (500, 3)])
def test_where_nobody_says_all_fields_are_taken_to_be_there(status: int, tries: int) -> None:
    async def play(server: Server, schemas: Schemas, woken: list[Key]) -> None:
        assert schemas.has(HTTP_ROUTE, PERCENT, KEY) is None
        assert schemas.reading
        await asyncio.sleep(10)
        assert not schemas.reading
        assert (server.asked, woken) == (tries, [KEY])
        assert schemas.has(HTTP_ROUTE, PERCENT, KEY) is True

    looked(lambda: answered(status, {"kind": "Status", "code": status}), play)


def test_a_server_in_trouble_is_asked_again_with_longer_and_longer_rests() -> None:
    async def play(server: Server, schemas: Schemas, woken: list[Key]) -> None:
        for now in (0.0, 0.5, 1.5, 6.5):
            await asyncio.sleep(now - asyncio.get_running_loop().time())
            assert schemas.has(HTTP_ROUTE, PERCENT, KEY) is None
        assert (server.times, woken) == ([0.0, 1.0, 3.0], [])
        await asyncio.sleep(1.0)
        assert (schemas.has(HTTP_ROUTE, PERCENT, KEY), woken) == (True, [KEY])

    looked(lambda: answered(500, {"kind": "Status", "code": 500}), play)


def test_an_answer_is_good_through_its_last_second() -> None:
    async def play(server: Server, schemas: Schemas, woken: list[Key]) -> None:
        schemas.has(HTTP_ROUTE, PERCENT, KEY)
        await asyncio.sleep(FRESH)
        assert schemas.has(HTTP_ROUTE, PERCENT, KEY) is True
        assert not schemas.reading
        await asyncio.sleep(0.1)
        schemas.has(HTTP_ROUTE, PERCENT, KEY)
        assert schemas.reading

    looked(lambda: answered(404, {"kind": "Status", "code": 404}), play)


def answered(status: int, body: dict[str, Any]) -> Response:
    return Response(status, {}, orjson.dumps(body))
