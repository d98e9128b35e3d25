"""When the source of a token is asked again, and what becomes of one that hangs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from apiserver import kubeconfig

from canary.kube.configuration import Configuration
from canary.kube.credentials import PATIENCE, REFRESH, RETRY, Credentials, NotConfigured, load
from tests.rig.played import played_on


class Source:
    """Hands out another token each time it is asked by force; keeps when it was asked."""

    def __init__(self) -> None:
        self.configuration = Configuration()
        self.asked: list[tuple[float, bool]] = []
        self.hangs, self.busy = False, False
        self.takes = 0.0
        self._number = 0
        self._give()

    def _give(self) -> None:
        self._number += 1
        self.configuration.api_key["BearerToken"] = f"Bearer t{self._number}"

    async def load(self, force: bool) -> None:
        self.asked.append((now(), force))
        self.busy = True
        try:
            await (asyncio.Event().wait() if self.hangs else asyncio.sleep(self.takes))
            if force:
                self._give()
        finally:
            # As a plugin has to be ended, too.
            await asyncio.sleep(0.1)
            self.busy = False


def now() -> float:
    return asyncio.get_running_loop().time()


played = played_on(Source)


@played
async def test_the_source_is_looked_at_once_a_minute(source: Source) -> None:
    credentials = Credentials(source.configuration, source.load)
    for _ in range(3):
        for _ in range(4):
            assert credentials.authorization() == "Bearer t1"
            await asyncio.sleep(REFRESH / 4)
    assert source.asked == [(REFRESH, False), (2 * REFRESH, False)]


@played
async def test_a_token_that_stays_refused_is_asked_for_now_and_then(source: Source) -> None:
    """A plugin may log in somewhere, or ask a person."""
    credentials = Credentials(source.configuration, source.load)
    source.takes = 1.0
    for _ in range(2 * int(RETRY) + 1):
        began = now()
        await credentials.renewed(credentials.authorization())
        await asyncio.sleep(began + 2 - now())
    assert [when for when, _ in source.asked] == [0, RETRY, 2 * RETRY, 3 * RETRY, 4 * RETRY]
    assert all(force for _, force in source.asked)


@played
async def test_a_token_that_was_replaced_meanwhile_is_good_enough(source: Source) -> None:
    credentials = Credentials(source.configuration, source.load)
    assert await credentials.renewed("Bearer t1")
    await asyncio.sleep(2 * RETRY)
    assert await credentials.renewed("Bearer t1"), "a refusal that was long on its way"
    assert source.asked == [(0, True)]


@played
async def test_requests_that_are_refused_together_all_get_the_new_token(source: Source) -> None:
    credentials = Credentials(source.configuration, source.load)
    source.takes = 2.0
    answers = await asyncio.gather(*(credentials.renewed("Bearer t1") for _ in range(3)))
    assert answers == [True, True, True]
    assert source.asked == [(0, True)]


@played
async def test_what_is_under_way_ends_with_the_credentials(source: Source) -> None:
    credentials = Credentials(source.configuration, source.load)
    source.hangs = True
    await asyncio.sleep(REFRESH)
    credentials.authorization()
    await asyncio.sleep(1)
    assert source.busy
    await credentials.close()
    assert not source.busy
    assert now() < REFRESH + 2


@played
async def test_a_source_that_hangs_is_given_up_and_asked_again(source: Source) -> None:
    credentials = Credentials(source.configuration, source.load)
    source.hangs = True
    assert not await credentials.renewed("Bearer t1")
    assert PATIENCE <= now() < PATIENCE + 1
    source.hangs = False
    assert await credentials.renewed("Bearer t1")
    assert credentials.authorization() == "Bearer t2"


def test_a_refresh_that_took_too_long_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def play(source: Source) -> None:
        source.hangs = True
        await Credentials(source.configuration, source.load).renewed("Bearer t1")

    played(play)()
    assert caplog.messages == ["credentials can't be refreshed: TimeoutError"]


def test_a_start_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin that waits for a password that nobody will type."""

    async def hanging(*given: object, **named: object) -> None:
        await asyncio.Event().wait()

    async def play(source: Source) -> None:
        monkeypatch.setattr("canary.kube.credentials.load_kube_config", hanging)
        with pytest.raises(NotConfigured, match="no credentials within 30s"):
            await load(kubeconfig(tmp_path, "https://here:1"), "")
        assert now() == PATIENCE

    played(play)()
