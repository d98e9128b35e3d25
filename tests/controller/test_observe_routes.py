"""What the routes of one Canary are taken for, and since when they are as they are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gathered import Look, looks

from canary.controller.scene import Scene
from canary.rollout.binding import Binding
from canary.rollout.observed import Absent, Present, Unknown
from canary.rollout.record import Record
from canary.rollout.world import Route
from providers.interface import (
    API,
    Capability,
    Context,
    Desired,
    Liveness,
    ObjectKind,
    Problem,
    Provider,
    Reading,
    Routing,
)
from tests.rig.manifests import setting

KIND = ObjectKind("example.com", "v1", "routes", "Route")
PENDING = Reading(Routing(90, 10), Liveness.PENDING, "the gateway has not seen it")
LIVE = Reading(Routing(90, 10), Liveness.LIVE, "the gateway is old")
UNCONFIRMED = Reading(Routing(90, 10), Liveness.UNCONFIRMED, "nobody says")


class Proxies:
    """A provider whose proxies say what a test wants to hear."""

    api, name, confirms = API, "proxies", True
    kinds: Sequence[ObjectKind] = (KIND,)
    capabilities = frozenset({Capability.WEIGHTS})

    def __init__(self, reading: Reading, *desired: Desired) -> None:
        self.reading, self._desired = reading, desired

    def problems(self, canary: Any) -> Sequence[Problem]:
        return ()

    def names(self, canary: Any) -> Sequence[tuple[ObjectKind, str]]:
        return ((KIND, "podinfo"),)

    def desired(self, context: Context, routing: Routing) -> Sequence[Desired]:
        # Who asks wants to know whether the canary still gets anything.
        assert (routing.primary, routing.canary) == (100, 0)
        return self._desired

    def read(self, context: Context) -> Reading:
        return self.reading


def route(look: Look, scene: Scene, provider: Provider | None, record: Record | None = None) -> Any:
    found = look.world(replace(scene, provider=provider), record).route
    return found.value if isinstance(found, Present) else found


@looks()
async def test_what_proxies_say_of_a_route(look: Look) -> None:
    """A weight that they took over once is known to be live, even if one of them starts anew."""
    scene = await look.sees(*setting())
    began = look.stage.clock.monotonic()
    pending = Route(10, began, False, "the gateway has not seen it", proved=False)
    assert route(look, scene, Proxies(PENDING)) == pending
    assert look.memory.taken is None
    assert route(look, scene, Proxies(LIVE)) == Route(10, began, True, proved=True)
    assert route(look, scene, Proxies(PENDING)) == replace(pending, proved=True)
    assert route(look, scene, Proxies(UNCONFIRMED)) == Route(10, began, None, proved=True)
    other = replace(PENDING, routing=Routing(80, 20, mirror=True))
    assert route(look, scene, Proxies(other)) == replace(pending, weight=20, mirror=True)


@looks()
async def test_a_route_that_was_gone_is_as_it_is_since_it_is_back(look: Look) -> None:
    scene = await look.sees(*setting())
    seen = route(look, scene, Proxies(UNCONFIRMED))
    await asyncio.sleep(30)
    assert route(look, scene, Proxies(UNCONFIRMED)).matched_at == seen.matched_at
    gone = Reading(None, Liveness.UNCONFIRMED, "not found", gone=True)
    assert route(look, scene, Proxies(gone)) == Absent("not found")
    back = route(look, scene, Proxies(UNCONFIRMED))
    assert back.matched_at == seen.matched_at + 30


@looks()
async def test_proxies_take_a_route_over_that_was_made_again(look: Look) -> None:
    """Its generation is the former one's: only the uid tells them apart."""
    scene = await look.sees(*setting())

    def taken(uid: str, generation: int = 1) -> float:
        meta = {"uid": uid, "generation": generation, "resourceVersion": f"{uid}-{generation}"}
        live = {(KIND, "podinfo"): {"metadata": meta}}
        route(look, replace(scene, routes=live), Proxies(LIVE))
        assert look.memory.taken is not None
        return look.memory.taken[1]

    began = taken("a")
    await asyncio.sleep(10)
    assert taken("a") == began
    assert taken("b") == began + 10
    await asyncio.sleep(10)
    assert taken("b", 2) == began + 20


@looks()
async def test_without_a_readable_route_nothing_is_known_of_it(look: Look) -> None:
    scene = await look.sees(*setting())
    for gap in (Unknown("away"), Absent("not served")):
        assert route(look, replace(scene, route_gap=gap), Proxies(LIVE)) == gap
    assert isinstance(route(look, scene, None), Unknown)


@looks()
async def test_where_nothing_routes_users_are_where_the_record_says(look: Look) -> None:
    scene = await look.sees(*setting({"provider": "kubernetes"}))
    began = look.stage.clock.monotonic()
    record = Record(weight=100, mirror=True)
    found = route(look, scene, scene.provider, record)
    assert found == Route(100, began, True, proved=True, mirror=True)


def made(*, weights: bool, differs: bool) -> Desired:
    return Desired(KIND, "podinfo", {}, weights=weights, differs=differs)


@looks()
async def test_a_run_parts_with_its_names_once_nothing_leads_to_the_canary(look: Look) -> None:
    scene = await look.sees(*setting())
    other = Binding("nginx", "Deployment", "podinfo")
    bound = replace(scene, wanted=other)

    def parted(found: Scene, provider: Provider | None) -> bool:
        return look.world(replace(found, provider=provider)).parted

    leads = made(weights=True, differs=True)
    done = made(weights=True, differs=False)
    aside = made(weights=False, differs=True)
    gone = replace(LIVE, gone=True)
    assert not parted(bound, Proxies(LIVE, leads))
    assert parted(bound, Proxies(LIVE, done, aside))
    assert parted(bound, Proxies(gone, leads))
    assert not parted(scene, Proxies(gone)), "it is bound to what it wants"
    assert parted(replace(bound, route_gap=Absent("not served")), Proxies(LIVE, leads))
    assert not parted(replace(bound, route_gap=Unknown("away")), Proxies(gone))
    assert not parted(bound, None)
