"""What goes over the wire: our schemas beside Flagger 1.44's, our objects under the real ones."""

from __future__ import annotations

import asyncio
import copy
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, TypeVar

import orjson

from canary.kube.transport import APPLY_PATCH, JSON, Request
from canary.sandbox.jsonvalue import JsonObj
from e2e.reference import Sample, as_reference, definitions, samples, variations
from e2e.scene import Scene
from e2e.stack.cache import Cache, cache_folder
from e2e.stack.versions import FLAGGER
from e2e.suite import scenario
from providers.interface import Affinity, Context, Desired, Routing
from providers.registry import installed
from tests.rig.stage import resource_of
from tests.transcripts import recorded

AT_ONCE = 8
_T = TypeVar("_T")

SPLITS = (
    Routing(100, 0),
    Routing(80, 20),
    Routing(0, 100),
    Routing(100, 0, mirror=True),
    Routing(80, 20, affinity=Affinity(canary="c=1", primary="p=1")),
    Routing(100, 0, affinity=Affinity(previous="c=1")),
)
"""What a rollout may ask a provider for; what it can't do it refuses, and isn't asked for."""


@scenario("flagger", own_engine=True)
async def test_every_canary_of_flagger_is_accepted(scene: Scene) -> None:
    """Its own schemas are served beside ours, in another group. Whatever they accept, ours accept,
    and store the same: its examples, what was recorded, and each field of them once missing and
    once with odd values."""
    await scene.apply(*definitions(_sources()))
    found = [*samples(_sources()), *_recorded()]
    shown = Counter(sample.manifest["kind"] for sample in found)
    answers = await _all(found, lambda sample: _both(scene, sample))
    accepted = [s for s, (theirs, _) in zip(found, answers, strict=True) if theirs[0] == 201]
    kinds = ", ".join(f"{count} {kind}" for kind, count in shown.items())
    scene.say(f"{kinds}: {len(accepted)} are accepted by 1.44's schemas")
    odd = list(variations(accepted))
    answers += await _all(odd, lambda sample: _both(scene, sample))
    refused = [_complaint(s, *both) for s, both in zip([*found, *odd], answers, strict=True)]
    good = sum(theirs[0] == 201 for theirs, _ in answers)
    scene.say(f"{len(odd)} variations; 1.44 accepts {good} of all, and so do we")
    assert [text for text in refused if text] == []
    assert len(accepted) > 80, "there were that many when this was written"


@scenario("contour", "istiod", "flagger", own_engine=True)
async def test_routes_are_valid(scene: Scene) -> None:
    """What the providers make of these Canaries, under the schemas of Gateway API and Istio: no
    unknown field, nothing refused."""
    found = list(_routes(scene.namespace))
    answers = await _all(found, lambda pair: _dry_apply(scene, pair[1]))
    wrong = [
        f"{where}: {obj['kind']}: {body.get('message')}"
        for (where, obj), (code, body) in zip(found, answers, strict=True)
        if code not in (200, 201)
    ]
    kinds = Counter(f"{obj['kind']} of {obj['apiVersion']}" for _, obj in found)
    scene.say(", ".join(f"{count} {kind}" for kind, count in kinds.items()))
    assert wrong == []
    assert {obj["kind"] for _, obj in found} >= {"HTTPRoute", "VirtualService", "DestinationRule"}


def _sources() -> Any:
    return Cache(cache_folder()).sources(FLAGGER)


def _recorded() -> Iterator[Sample]:
    for name in recorded.NAMES:
        for manifest in recorded.load(name)["applied"]:
            if manifest["apiVersion"].startswith("flagger.app/"):
                yield Sample(f"recording {name}", manifest)


def _routes(namespace: str) -> Iterator[tuple[str, JsonObj]]:
    """Each object that a provider makes of one of the Canaries, with where that comes from."""
    for sample in (*samples(_sources()), *_recorded()):
        spec = sample.manifest["spec"]
        if sample.manifest["kind"] != "Canary" or "targetRef" not in spec or "service" not in spec:
            continue
        by_gateway = "gatewayapi:v1" if spec["service"].get("gatewayRefs") else "istio"
        used = installed().get(spec.get("provider") or by_gateway)
        canary = copy.deepcopy(sample.manifest)
        canary["metadata"]["namespace"] = namespace
        if used is None or used.problems(canary) or "analysis" not in spec:
            continue
        for split in SPLITS:
            for desired in used.desired(Context(canary), split):
                yield sample.where, _manifest(desired, namespace)


def _manifest(desired: Desired, namespace: str) -> JsonObj:
    fields = dict(desired.fields)
    return {**fields, "metadata": {**fields["metadata"], "namespace": namespace}}


Answer = tuple[int, dict[str, Any]]


async def _both(scene: Scene, sample: Sample) -> tuple[Answer, Answer]:
    """The answers under Flagger's schemas and under ours."""
    theirs = await _dry_create(scene, as_reference(sample.manifest))
    return theirs, await _dry_create(scene, sample.manifest)


def _complaint(sample: Sample, theirs: Answer, ours: Answer) -> str:
    if theirs[0] != 201:
        return ""
    if ours[0] != 201:
        return f"{sample.where}: {ours[1].get('message')}"
    same = theirs[1]["spec"] == ours[1]["spec"]
    return "" if same else f"{sample.where}: {theirs[1]['spec']} is stored as {ours[1]['spec']}"


async def _dry_create(scene: Scene, manifest: JsonObj) -> Answer:
    meta = {**manifest["metadata"], "namespace": scene.namespace}
    group, _, version = manifest["apiVersion"].rpartition("/")
    plural = {"Canary": "canaries"}.get(manifest["kind"], f"{manifest['kind'].lower()}s")
    path = f"/apis/{group}/{version}/namespaces/{scene.namespace}/{plural}"
    body = {**manifest, "metadata": meta}
    return await _send(scene, Request("POST", path, {"dryRun": "All"}, orjson.dumps(body), JSON))


async def _dry_apply(scene: Scene, manifest: JsonObj) -> Answer:
    path = resource_of(manifest).path(scene.namespace, manifest["metadata"]["name"])
    query = {"dryRun": "All", "fieldValidation": "Strict", "fieldManager": "wire"}
    body = orjson.dumps(manifest)
    return await _send(scene, Request("PATCH", path, query, body, APPLY_PATCH))


async def _send(scene: Scene, request: Request) -> Answer:
    response = await scene.client.transport.request(request)
    return response.status, orjson.loads(response.body)


async def _all(found: Iterable[_T], ask: Callable[[_T], Awaitable[Any]]) -> list[Any]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(item: _T) -> Any:
        async with gate:
            return await ask(item)

    return await asyncio.gather(*map(one, found))
