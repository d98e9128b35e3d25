"""A Canary to begin with, and ways to change it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from canary.api.canary import Canary, parse

Manifest = dict[str, Any]

_CANARY: Manifest = {
    "apiVersion": "flagger.app/v1beta1",
    "kind": "Canary",
    "metadata": {"name": "podinfo", "namespace": "test"},
    "spec": {
        "provider": "istio",
        "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "podinfo"},
        "service": {"port": 80},
        "analysis": {"interval": "30s", "threshold": 5, "stepWeight": 10},
    },
}


def changed(changes: dict[str, Any]) -> Manifest:
    """The Canary with values set by path (``spec.service.port``); ``...`` removes."""
    manifest = copy.deepcopy(_CANARY)
    for path, value in changes.items():
        *parents, last = path.split(".")
        node = manifest
        for parent in parents:
            node = node.setdefault(parent, {})
        if value is ...:
            del node[last]
        else:
            node[last] = value
    return manifest


@pytest.fixture
def manifest() -> Callable[[dict[str, Any]], Manifest]:
    return changed


@pytest.fixture
def canary() -> Callable[[dict[str, Any]], Canary]:
    return lambda changes: parse(changed(changes))


@pytest.fixture
def stepped(canary: Callable[[dict[str, Any]], Canary]) -> Callable[..., Canary]:
    """A Canary with just these fields of ``analysis`` for its steps."""
    base = {"interval": "30s", "threshold": 5}
    return lambda **fields: canary({"spec.analysis": {**base, **fields}})


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).parents[2]


@pytest.fixture(scope="session")
def crds(root: Path) -> dict[str, Manifest]:
    """The definitions as they lie in ``crds/``, by kind."""
    found = [yaml.safe_load(path.read_text()) for path in sorted((root / "crds").glob("*.yaml"))]
    return {each["spec"]["names"]["kind"]: each for each in found}


@pytest.fixture(scope="session")
def schemas(crds: dict[str, Manifest]) -> dict[str, Manifest]:
    """The schemas of whole objects, by kind."""
    return {
        kind: each["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        for kind, each in crds.items()
    }
