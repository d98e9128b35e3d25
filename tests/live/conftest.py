"""What the tests with real processes need of the machine."""

from __future__ import annotations

import shutil

import pytest

from canary.sandbox.live import envoy, prometheus


def _missing() -> str:
    """What isn't there, in the words that a user gets."""
    try:
        envoy.binary()
        prometheus.binary()
    except (envoy.NoEnvoy, prometheus.NoPrometheus) as error:
        return str(error)
    return "" if shutil.which("git") else "no git on PATH"


def pytest_collection_modifyitems(items):
    live = [item for item in items if item.get_closest_marker("live")]
    missing = _missing() if live else ""
    for item in live if missing else ():
        item.add_marker(pytest.mark.skip(reason=missing))
