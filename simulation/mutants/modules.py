"""The modules that are broken, most important first."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module

PACKAGES = ("canary.rollout", "canary.controller", "canary.kube")
"""Engine, projection and runtime."""


def _within(package: str) -> Iterator[str]:
    """Every module of ``package`` and of those in it."""
    for found in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
        if not found.ispkg:
            yield found.name


ALL = tuple(name for package in PACKAGES for name in _within(package))
