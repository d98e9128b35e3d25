"""Every module of the end-to-end tests can be imported: they run rarely, and names move."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

E2E = Path(__file__).parents[2] / "e2e"
MODULES = sorted(
    ".".join(file.relative_to(E2E.parent).with_suffix("").parts)
    for file in E2E.rglob("*.py")
    if file.stem not in ("__main__", "__init__")
)


@pytest.mark.parametrize("name", MODULES)
def test_it_can_be_imported(name: str) -> None:
    assert importlib.import_module(name)
