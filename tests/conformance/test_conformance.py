"""Each case against each API server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.cases import CASES
from tests.conformance.conftest import TARGETS, target


# The TLS connections of watches that were left are closed after the loop.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.asyncio
@pytest.mark.parametrize("server", TARGETS)
@pytest.mark.parametrize("name", list(CASES))
async def test_case(name: str, server: str, tmp_path: Path) -> None:
    async with target(server, tmp_path) as api:
        await CASES[name](api)
