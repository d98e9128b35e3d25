"""The library's configuration comes without its client, and takes nothing from who wants that."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest

from canary.kube import configuration


def told(program: str) -> str:
    """What a new interpreter prints."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_neither_models_nor_apis_are_imported() -> None:
    found = told(
        "import sys, canary.server.process\n"
        "print([n for n in sys.modules if n.startswith('kubernetes_asyncio')])"
    )
    assert found.strip() == "[]"


@pytest.mark.parametrize("first", ["canary.kube.configuration", "kubernetes_asyncio"])
def test_whoever_wants_the_client_gets_it(first: str) -> None:
    found = told(
        f"import {first}\n"
        "import canary.kube.configuration, kubernetes_asyncio\n"
        "from kubernetes_asyncio import client, config\n"
        "print(client.CoreV1Api.__name__, config.kube_config.ApiClient is client.ApiClient)"
    )
    assert found.strip() == "CoreV1Api True"


def test_other_modules_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects of two copies of a module don't know each other."""
    theirs, other = ModuleType("kubernetes_asyncio"), ModuleType("kubernetes_asyncio_more")
    for module in (theirs, other):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    before = dict(sys.modules)
    with configuration.without_the_client():
        assert sys.modules["kubernetes_asyncio"] is not theirs
        assert sys.modules["kubernetes_asyncio_more"] is other
        assert sys.modules["kubernetes_asyncio.client"].__path__
    assert dict(sys.modules) == before


class Nowhere:
    """Where nothing is installed."""

    @staticmethod
    def find_spec(name: str, path: object) -> None:
        return None


def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(sys.modules)
    monkeypatch.setattr(configuration, "PathFinder", Nowhere)
    missing = pytest.raises(ModuleNotFoundError, match="'kubernetes_asyncio'")
    with missing as caught, configuration.without_the_client():
        pass
    assert caught.value.name == "kubernetes_asyncio"
    assert dict(sys.modules) == before
