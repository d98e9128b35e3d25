"""Fields that change how a rollout goes: each makes its difference, and an edit in mid-rollout
counts when the table says so."""

from __future__ import annotations

from typing import Any

import pytest

from canary import virtualtime
from canary.kube.resources import SERVICES
from tests.fields.entry import Applies, Felt
from tests.fields.play import Play
from tests.fields.scenes import holder, manifests
from tests.fields.table import ENTRIES, ID

FELT = [entry for entry in ENTRIES if isinstance(entry, Felt)]
AT_ONCE = [entry for entry in FELT if entry.applies is Applies.AT_ONCE]
NEXT_RUN = [entry for entry in FELT if entry.applies is Applies.NEXT_RUN]
NEW_OBJECTS = [entry for entry in FELT if entry.applies is Applies.NEW_OBJECTS]


async def changed(entry: Felt, value: Any) -> Play:
    """The image has just changed."""
    play = Play(unwatched=entry.unwatched)
    await play.begins(manifests(entry, value), keda=entry.scene in ("scaled", "keda"))
    await play.stage.set_image("podinfo:2.0.0")
    return play


async def begun(entry: Felt, value: Any) -> Play:
    """A rollout at its first step."""
    play = await changed(entry, value)
    await play.first_step()
    return play


async def edited(play: Play, entry: Felt, value: Any) -> None:
    await play.stage.apply(holder(entry, value))


@pytest.mark.parametrize("entry", FELT, ids=ID)
def test_a_field_makes_a_difference(entry: Felt) -> None:
    async def seen(value: Any) -> Any:
        starts = changed if entry.whole else begun
        play = await starts(entry, entry.values[0] if entry.late else value)
        if entry.late:
            await edited(play, entry, value)
        found = await entry.look(play)
        await play.ends()
        return found

    assert tuple(virtualtime.run(seen(value)) for value in entry.values) == entry.wants


@pytest.mark.parametrize("entry", AT_ONCE, ids=ID)
def test_an_edit_in_mid_rollout_counts_at_once(entry: Felt) -> None:
    async def seen() -> Any:
        first, second = entry.values
        play = await begun(entry, first)
        await edited(play, entry, second)
        found = await entry.look(play)
        await play.ends()
        return found

    assert virtualtime.run(seen()) == entry.wants[1]


@pytest.mark.parametrize("entry", NEXT_RUN, ids=ID)
def test_an_edit_in_mid_rollout_counts_from_the_next_run_on(entry: Felt) -> None:
    async def seen() -> Any:
        first, second = entry.values
        play = await begun(entry, first)
        await edited(play, entry, second)
        before = entry.wants[0] if entry.whole else await entry.look(play)
        await play.phase("Succeeded")
        await play.stage.rest(30)
        await play.stage.set_image("podinfo:3.0.0")
        if not entry.whole:
            await play.first_step()
        found = await entry.look(play)
        await play.ends()
        return before, found

    assert virtualtime.run(seen()) == entry.wants


@pytest.mark.parametrize("entry", NEW_OBJECTS, ids=ID)
def test_an_edit_in_mid_rollout_counts_for_new_objects(entry: Felt) -> None:
    async def scene() -> None:
        first, second = entry.values
        play = await begun(entry, first)
        await edited(play, entry, second)
        assert await entry.look(play) == entry.wants[0]
        await play.stage.delete(SERVICES, "podinfo-canary")
        assert await entry.look(play) == entry.wants[1]
        await play.ends()

    virtualtime.run(scene())
