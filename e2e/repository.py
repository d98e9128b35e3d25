"""A Git repository that Flux applies: what people commit, and when it has arrived."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from canary.kube.resources import Obj, Resource
from e2e.scene import Scene

REPOSITORIES = Resource("source.toolkit.fluxcd.io", "v1", "gitrepositories", "GitRepository")
KUSTOMIZATIONS = Resource("kustomize.toolkit.fluxcd.io", "v1", "kustomizations", "Kustomization")
_NAME = "shop"
_PATIENCE = 120.0
_IDENTITY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Shop"), ("EMAIL", "shop@example.com"))
}


class Repository:
    """The repository of a scene's application, applied into its namespace every ``interval``."""

    def __init__(self, scene: Scene, interval: str = "3s") -> None:
        self._scene = scene
        self._interval = interval
        self._clone = scene.cluster.folder / f"clone-{scene.namespace}"
        self._applied = scene.timeline(KUSTOMIZATIONS)

    async def create(self, objects: Iterable[Obj]) -> str:
        """Commit the first objects and have Flux apply them from then on; the commit."""
        bare, url = self._scene.stack.repository(self._scene.namespace)
        await self._git("clone", "--quiet", str(bare), str(self._clone), at=bare)
        await self._git("checkout", "--quiet", "-B", "main")
        commit = await self._push(objects, "The shop")
        source = {"url": url, "interval": self._interval, "ref": {"branch": "main"}}
        reference = {"kind": REPOSITORIES.kind, "name": _NAME}
        way = {"interval": self._interval, "path": "./", "prune": True, "sourceRef": reference}
        target = {"targetNamespace": self._scene.namespace}
        await self._scene.apply(
            _object(REPOSITORIES, source), _object(KUSTOMIZATIONS, {**way, **target})
        )
        await self._arrived(commit)
        return commit

    async def commit(self, objects: Iterable[Obj], message: str) -> str:
        """Commit other objects and wait until Flux has applied them; the commit."""
        commit = await self._push(objects, message)
        await self._arrived(commit)
        return commit

    async def revert(self, commit: str) -> str:
        """Undo a commit by another one and wait until Flux has applied that."""
        await self._git("revert", "--no-edit", commit)
        undone = await self._published()
        await self._arrived(undone)
        return undone

    async def reapplied(self) -> None:
        """Have Flux apply what it has once more, and wait until it has done that."""
        asked = str(time.time())
        annotations = {"reconcile.fluxcd.io/requestedAt": asked}
        await self._scene.patch(KUSTOMIZATIONS, _NAME, {"metadata": {"annotations": annotations}})

        def handled() -> bool:
            status = (self._applied.get(_NAME) or {}).get("status") or {}
            return bool(status.get("lastHandledReconcileAt") == asked)

        await self._applied.until(handled, "further run of Flux", _PATIENCE)

    async def _push(self, objects: Iterable[Obj], message: str) -> str:
        for obj in objects:
            # Flux takes only files of this name; JSON is YAML, too.
            file = self._clone / f"{obj['kind'].lower()}.yaml"
            file.write_text(json.dumps(obj, indent=2) + "\n")
        await self._git("add", "--all")
        await self._git("commit", "--quiet", "--message", message)
        return await self._published()

    async def _published(self) -> str:
        await self._git("push", "--quiet", "origin", "main")
        return (await self._git("rev-parse", "HEAD")).strip()

    async def _arrived(self, commit: str) -> None:
        def applied() -> bool:
            status = (self._applied.get(_NAME) or {}).get("status") or {}
            return str(status.get("lastAppliedRevision", "")).endswith(commit)

        await self._applied.until(applied, f"application of {commit}", _PATIENCE)

    async def _git(self, *arguments: str, at: Path | None = None) -> str:
        process = await asyncio.create_subprocess_exec(
            *("git", "-C", str(at or self._clone), *arguments),
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, **_IDENTITY, "GIT_CONFIG_GLOBAL": os.devnull},
        )
        output, _ = await process.communicate()
        assert process.returncode == 0, f"git {' '.join(arguments)}: {process.returncode}"
        return output.decode()


def _object(resource: Resource, spec: dict[str, Any]) -> Obj:
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": {"name": _NAME},
        "spec": spec,
    }
