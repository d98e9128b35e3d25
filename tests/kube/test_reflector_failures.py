"""A cache whose server is away, refuses, or leaves its watches hanging."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from brokenline import KEY, Rig, played

from canary.kube.resources import CONFIG_MAPS, Resource


@played
async def test_a_silent_watch_is_opened_anew(rig: Rig) -> None:
    """A half-open connection sends neither events nor bookmarks: its deadline ends it."""
    await rig.set(a="1")
    rig.store()
    await asyncio.sleep(1)
    rig.line.streams[-1].silent = True
    await rig.set(a="2")
    await asyncio.sleep(60)
    assert not rig.current()
    await asyncio.sleep(120)
    assert rig.current()


@played
async def test_a_server_that_is_away_makes_the_cache_unknown(rig: Rig) -> None:
    await rig.set(a="1")
    rig.store()
    await asyncio.sleep(1)
    rig.line.down = True
    rig.line.cut.set()
    await asyncio.sleep(30)
    assert rig.store().synced, "a short absence is no reason to stop"
    await asyncio.sleep(120)
    assert not rig.store().synced
    assert "configmaps can't be read" in rig.store().gap
    rig.line.down = False
    await asyncio.sleep(60)
    assert rig.store().synced


@played
async def test_who_was_never_answered_says_at_once_why(rig: Rig) -> None:
    rig.line.down = True
    rig.store()
    await asyncio.sleep(1)
    assert "connection refused" in rig.store().gap


@played
async def test_a_deletion_during_an_absence_is_seen(rig: Rig) -> None:
    await rig.set(a="1")
    rig.store()
    await asyncio.sleep(1)
    rig.line.down = True
    rig.line.cut.set()
    live = rig.cluster.get(CONFIG_MAPS, "default", "one")
    await rig.user.delete(CONFIG_MAPS, "default", "one", uid=live["metadata"]["uid"])
    rig.cluster.server.storage.compact()
    await asyncio.sleep(1)
    rig.line.down = False
    await asyncio.sleep(60)
    assert rig.store().get(KEY) is None
    assert rig.heard[-1] in ("", "one")


@played
async def test_refusals_are_retried_with_backoff_and_retry_after(rig: Rig) -> None:
    rig.line.status = 429
    rig.store()
    await asyncio.sleep(60)
    assert not rig.store().synced
    assert rig.line.lists <= 21, "at least 3 s lie between two attempts"
    rig.line.status = 0
    await asyncio.sleep(60)
    assert rig.store().synced


@played
async def test_who_gets_no_answer_asks_ever_more_rarely(rig: Rig) -> None:
    """From half a second to half a minute, each a little shorter, so that nobody comes in step."""
    rig.line.down = True
    rig.store()
    await asyncio.sleep(300)
    gaps = [after - before for before, after in pairwise(rig.line.attempts)]
    longest = [0.5, 1, 2, 4, 8, 16, *[30] * 20]
    assert len(gaps) > 10
    assert all(most / 2 <= gap <= most for gap, most in zip(gaps, longest, strict=False))


@played
async def test_who_got_an_answer_is_not_held_up_by_former_failures(rig: Rig) -> None:
    rig.store()
    for absence in (50, 50, 0.1):
        await asyncio.sleep(50)
        rig.line.down = True
        rig.line.cut.set()
        await asyncio.sleep(absence)
        assert rig.store().synced
        rig.line.down = False
    await rig.set(a="1")
    await asyncio.sleep(0.5)
    assert rig.current()


@played
async def test_the_server_says_when_to_come_back(rig: Rig) -> None:
    rig.line.status = 429
    rig.store()
    await asyncio.sleep(5)
    assert rig.line.attempts[1] - rig.line.attempts[0] == 3


@played
async def test_a_cache_is_unknown_as_soon_as_nothing_was_heard_for_a_minute(rig: Rig) -> None:
    rig.store()
    await asyncio.sleep(1)
    rig.line.status, rig.line.retry_after = 429, "60"
    rig.line.cut.set()
    await asyncio.sleep(59)
    assert rig.store().synced
    await asyncio.sleep(2)
    assert not rig.store().synced


@played
async def test_a_kind_that_is_not_served_stays_so_while_the_server_is_away(rig: Rig) -> None:
    store = rig.store(Resource("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute"))
    await asyncio.sleep(1)
    rig.line.down = True
    await asyncio.sleep(200)
    assert (store.synced, store.served) == (False, False)
    assert "connection refused" in store.gap


@played
async def test_an_error_within_a_watch_is_tried_again(rig: Rig) -> None:
    await rig.set(a="1")
    rig.store()
    await asyncio.sleep(1)
    rig.line.greeting = [{"type": "ERROR", "object": {"message": "etcd is away"}}]
    rig.line.cut.set()
    await asyncio.sleep(1)
    await rig.set(a="2")
    await asyncio.sleep(1)
    assert rig.current()
    assert (rig.line.lists, rig.line.watches) == (1, 3)


@played
async def test_a_watch_that_says_its_version_is_compacted_is_listed_anew(rig: Rig) -> None:
    rig.store()
    await asyncio.sleep(1)
    rig.line.greeting = [{"type": "ERROR", "object": {"code": 410, "message": "too old"}}]
    rig.line.cut.set()
    await asyncio.sleep(1)
    assert (rig.line.lists, rig.line.watches) == (2, 3)


@played
async def test_a_watch_that_the_server_does_not_end_is_opened_anew(rig: Rig) -> None:
    """It sends bookmarks for ever: a balancer that is left behind may do so."""
    rig.line.endless = True
    rig.store()
    await asyncio.sleep(280)
    assert rig.line.watches == 1
    await asyncio.sleep(360)
    assert rig.line.watches == 2


@played
async def test_a_watch_of_what_can_be_listed_is_opened_again_soon(rig: Rig) -> None:
    """Only a list says for certain that a kind isn't served."""
    rig.store()
    await asyncio.sleep(1)
    rig.line.unwatched = 404
    rig.line.cut.set()
    await asyncio.sleep(0.1)
    assert (rig.line.lists, rig.line.watches) == (2, 3)
    assert rig.store().served
    assert rig.store().synced
    rig.line.unwatched = 0
    await rig.set(a="1")
    await asyncio.sleep(1)
    assert rig.current()
    assert (rig.line.lists, rig.line.watches) == (3, 4)


@played
async def test_a_watch_that_is_never_opened_is_asked_for_ever_more_rarely(rig: Rig) -> None:
    rig.line.unwatched = 404
    rig.store()
    await asyncio.sleep(120)
    assert 5 <= rig.line.watches <= 12
