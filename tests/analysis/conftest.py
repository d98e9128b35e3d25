"""Metrics servers on loopback, and connections to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from metrics_server import Server

from analysis.connector import open_session
from analysis.prometheus import SOURCE
from tests.rig.entered import entered

DATA = Path(__file__).parent / "data"
PATIENT = 30.0
"""Seconds of a timeout that no test waits for."""

server = entered(lambda: Server().running())
other_server = entered(lambda: Server().running())
session = entered(open_session)


@pytest.fixture
def connect(session):
    """A connection to an address, as a MetricTemplate's provider block asks for it."""

    def build(
        address: str,
        secret: Mapping[str, bytes] | None = None,
        timeout: float = PATIENT,
        **provider: Any,
    ):
        return SOURCE.connect({"address": address, **provider}, secret, "1m", session, timeout)

    return build


@pytest.fixture(scope="session")
def data() -> Callable[[str], dict[str, Any]]:
    """A file of ``data/``, by name."""
    return lambda name: yaml.safe_load((DATA / name).read_text("utf-8"))
