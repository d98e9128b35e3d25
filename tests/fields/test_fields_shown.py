"""Fields that stand in objects which the engine makes: edited in mid-rollout, seen at once.

All fields of one scene are set one after another within one rollout that stays at its first step.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from canary import virtualtime
from tests.fields import elsewhere
from tests.fields.elsewhere import Place
from tests.fields.entry import Shown, overlay
from tests.fields.play import Play
from tests.fields.scenes import HTTP_ROUTES, VIRTUAL_SERVICES, canary, found
from tests.fields.table import ENTRIES
from tests.rig.manifests import setting
from tests.rig.routes import shares

SHOWN = {entry.path: entry for entry in ENTRIES if isinstance(entry, Shown)}
PLACES = (*(Place(e.path, e.scene, e.place, e.wants) for e in SHOWN.values()), *elsewhere.PLACES)
LASTING = {"analysis": {"interval": "200m"}}
"""No step of this rollout ends while it is looked at."""
SPLITS = {
    "tested": (0, 100),
    "gateway-tested": (0, 100),
    "mirrored": (100, 0),
    "gateway-mirrored": (100, 0),
}
"""How traffic is split at the first step, where it isn't 90 to 10."""

Seen = tuple[Any, tuple[int, int]]


def named(place: Place) -> str:
    """As in the table; where a field is looked at once more, with the scene."""
    entry = SHOWN[place.path]
    return entry.id if place.scene == entry.scene else f"{entry.id}@{place.scene}"


@cache
def seen(scene: str) -> dict[str, tuple[Seen, Seen]]:
    """What stood at each field's place with each of its values, and how traffic was split."""
    return virtualtime.run(_all(scene))


async def _all(scene: str) -> dict[str, tuple[Seen, Seen]]:
    play = Play()
    *others, _ = setting()
    await play.begins([*others, canary(scene, LASTING)], keda=False)
    await play.stage.set_image("podinfo:2.0.0")
    await play.first_step()
    looked = {}
    for place in [place for place in PLACES if place.scene == scene]:
        a, b = [await _edited(play, place, value) for value in SHOWN[place.path].values]
        looked[place.path] = (a, b)
    assert play.stage.phase() == "Progressing"
    await play.ends()
    return looked


async def _edited(play: Play, place: Place, value: Any) -> Seen:
    spec = overlay(SHOWN[place.path].spec(value), LASTING)
    await play.stage.apply(canary(place.scene, spec))
    # Corrections of one object are limited in time.
    await play.stage.rest(15)
    kind = HTTP_ROUTES if place.scene.startswith("gateway") else VIRTUAL_SERVICES
    return found(play.stage, place.place), shares(play.stage.get(kind, "podinfo"))


@pytest.mark.parametrize("place", PLACES, ids=named)
def test_an_edit_is_seen_at_once(place: Place) -> None:
    (first, weights), (second, weights_then) = seen(place.scene)[place.path]
    wanted = place.wants or SHOWN[place.path].values
    if "sessionAffinity" in place.path:
        assert (_part(wanted, first), _part(wanted, second)) == wanted
    else:
        assert (first, second) == wanted
    # The rollout goes on as if nothing had been.
    assert weights == weights_then == SPLITS.get(place.scene, (90, 10))


def _part(wanted: tuple[Any, Any], text: str) -> str:
    """Which of the wanted parts a cookie has; an empty one is that of none."""
    return next((part for part in wanted if part and part in text), "")
