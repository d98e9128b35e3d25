"""The library's configuration comes without its client, and takes nothing from who wants that."""

from __future__ import annotations

import subprocess
import sys

import pytest


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
