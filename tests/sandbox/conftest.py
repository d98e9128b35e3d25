"""The marker of tests that drive a real kubectl."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "kubectl: drives a real kubectl")
