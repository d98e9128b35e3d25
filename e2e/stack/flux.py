"""Flux' source and kustomize controllers, and a Git server for them."""

from __future__ import annotations

import sys

from e2e.stack.daemon import Component
from e2e.stack.settings import Settings
from e2e.stack.versions import FLUX

NAMESPACE = "flux-system"
GIT_PORT = 3001


def _environment(settings: Settings) -> dict[str, str]:
    return {"KUBECONFIG": str(settings.kubeconfig), "RUNTIME_NAMESPACE": NAMESPACE}


def source_controller(settings: Settings) -> Component:
    """Fetches Git repositories. The addresses differ from its defaults, which Envoy has."""
    storage = settings.folder / "flux"
    storage.mkdir(exist_ok=True)
    command = (
        settings.binary(FLUX[0], "source-controller"),
        "--watch-all-namespaces",
        f"--storage-path={storage}",
        "--storage-addr=127.0.0.1:9790",
        "--storage-adv-addr=127.0.0.1:9790",
        "--metrics-addr=127.0.0.1:9791",
        "--health-addr=127.0.0.1:9792",
        "--events-addr=",
    )
    ready = "http://127.0.0.1:9792/readyz"
    return Component("source-controller", command, ready, _environment(settings))


def kustomize_controller(settings: Settings) -> Component:
    """Applies what was fetched."""
    command = (
        settings.binary(FLUX[1], "kustomize-controller"),
        "--watch-all-namespaces",
        "--metrics-addr=127.0.0.1:9793",
        "--health-addr=127.0.0.1:9794",
        "--events-addr=",
    )
    ready = "http://127.0.0.1:9794/readyz"
    return Component("kustomize-controller", command, ready, _environment(settings))


def git_server(settings: Settings) -> Component:
    """Smart HTTP for the bare repositories of the run; see ``gitserver.py``."""
    settings.git.mkdir(exist_ok=True)
    command = (sys.executable, "-m", "e2e.stack.gitserver", str(settings.git), str(GIT_PORT))
    return Component("git", command, f"http://127.0.0.1:{GIT_PORT}/healthz")
