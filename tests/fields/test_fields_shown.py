"""Fields that stand in objects which the engine makes: edited in mid-rollout, seen at once.

All fields of one scene are set one after another within one rollout that stays at its first step.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from canary import virtualtime
from tests.fields.entry import Shown, overlay
from tests.fields.play import Play
from tests.fields.scenes import HTTP_ROUTES, VIRTUAL_SERVICES, canary, found, manifests
from tests.fields.table import ENTRIES, ID
from tests.rig.routes import shares

SHOWN = [entry for entry in ENTRIES if isinstance(entry, Shown)]
LASTING = {"analysis": {"interval": "200m"}}
"""No step of this rollout ends while it is looked at."""
SPLITS = {"tested": (0, 100), "mirrored": (100, 0)}
"""How traffic is split at the first step, where it isn't 90 to 10."""

Seen = tuple[Any, tuple[int, int]]


@cache
def seen(scene: str) -> dict[str, tuple[Seen, Seen]]:
    """What stood at each field's place with each of its values, and how traffic was split."""
    return virtualtime.run(_all(scene))


async def _all(scene: str) -> dict[str, tuple[Seen, Seen]]:
    play, entries = Play(), [entry for entry in SHOWN if entry.scene == scene]
    *others, _ = manifests(entries[0], None)
    await play.begins([*others, canary(scene, LASTING)], keda=False)
    await play.stage.set_image("podinfo:2.0.0")
    await play.first_step()
    looked = {}
    for entry in entries:
        a, b = [await _edited(play, entry, value) for value in entry.values]
        looked[entry.path] = (a, b)
    assert play.stage.phase() == "Progressing"
    await play.ends()
    return looked


async def _edited(play: Play, entry: Shown, value: Any) -> Seen:
    await play.stage.apply(canary(entry.scene, overlay(entry.spec(value), LASTING)))
    # Corrections of one object are limited in time.
    await play.stage.rest(15)
    kind = HTTP_ROUTES if entry.scene == "gatewayapi" else VIRTUAL_SERVICES
    return found(play.stage, entry.place), shares(play.stage.get(kind, "podinfo"))


@pytest.mark.parametrize("entry", SHOWN, ids=ID)
def test_an_edit_is_seen_at_once(entry: Shown) -> None:
    (first, weights), (second, weights_then) = seen(entry.scene)[entry.path]
    wanted = entry.wants or entry.values
    if "Set-Cookie" in entry.place:
        assert (_part(wanted, first), _part(wanted, second)) == wanted
    else:
        assert (first, second) == wanted
    # The rollout goes on as if nothing had been.
    assert weights == weights_then == SPLITS.get(entry.scene, (90, 10))


def _part(wanted: tuple[Any, Any], text: str) -> str:
    """Which of the wanted parts a cookie has; an empty one is that of none."""
    return next((part for part in wanted if part and part in text), "")
