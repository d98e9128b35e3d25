"""Fixtures that are what an async context gives."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest_asyncio


def entered(make: Callable[[], AbstractAsyncContextManager[Any]]) -> Any:
    """A fixture, named where it is assigned: what ``make()`` gives, open for one test."""

    @pytest_asyncio.fixture
    async def found() -> Any:
        async with make() as opened:
            yield opened

    return found
