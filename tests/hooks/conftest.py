"""Receivers on loopback, and a client whose pauses take no time."""

from __future__ import annotations

import asyncio

import pytest
import pytest_asyncio
from hook_receiver import Receiver, StoppedClock

from canary.hooks import HookClient, HttpTransport, open_session
from tests.rig.entered import entered

receiver = entered(lambda: Receiver().running())
other_receiver = entered(lambda: Receiver().running())
session = entered(open_session)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    """The machine's own proxies are nothing to these tests."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def pauses():
    """Seconds between the attempts of ``client``."""
    return []


@pytest.fixture
def client(session, pauses):
    async def sleep(seconds):
        pauses.append(seconds)

    return HookClient(HttpTransport(session), StoppedClock(), sleep)


@pytest_asyncio.fixture
async def jump(monkeypatch):
    """Lets the loop's clock jump by some seconds."""
    loop = asyncio.get_running_loop()
    original, jumps = loop.time, []
    monkeypatch.setattr(loop, "time", lambda: original() + sum(jumps))
    return jumps.append
