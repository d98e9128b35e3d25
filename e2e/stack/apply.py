"""Manifests of any kind, applied server-side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

from canary.kube.client import Client
from canary.kube.errors import NotFound
from canary.kube.http import connect
from canary.kube.resources import CRDS, Obj, Resource

MANAGER = "e2e"
"""Field manager of what is applied here; not ``kubectl``, whose fields Flux strips."""
_PATIENCE = 30.0
_POLL = 0.05


@asynccontextmanager
async def client_of(kubeconfig: Path) -> AsyncIterator[Client]:
    """A client with the rights of ``kubeconfig``, for as long as the block runs."""
    transport = await connect(kubeconfig=str(kubeconfig), qps=1000, burst=2000)
    try:
        yield Client(transport, manager=MANAGER, timeout=_PATIENCE)
    finally:
        await transport.close()


def documents(*files: Path) -> list[dict[str, Any]]:
    """All objects in YAML files, in their order."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    texts = [file.read_text() for file in files]
    return [document for text in texts for document in yaml.load_all(text, loader) if document]


class Applier:
    """Applies objects; it asks the server once per API version what its kinds are called."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._kinds: dict[str, Mapping[str, tuple[str, bool]]] = {}

    async def apply(self, objects: Iterable[Obj], *, namespace: str = "default") -> None:
        """CRDs first, served when this goes on; then the rest in its order. Namespaced objects
        that name no namespace go to ``namespace``. Raises ApiError, NotFound for an unknown kind.
        """
        todo = list(objects)
        crds = [obj for obj in todo if obj["kind"] == CRDS.kind]
        await asyncio.gather(*(self._client.apply(CRDS, obj) for obj in crds))
        # One after another: asking for all at once slows down what is waited for.
        for obj in crds:
            await self._established(obj["metadata"]["name"])
        for obj in todo:
            if obj["kind"] != CRDS.kind:
                await self._one(obj, namespace)

    async def _one(self, obj: Obj, namespace: str) -> None:
        resource, namespaced = await self._resource(obj["apiVersion"], obj["kind"])
        meta = dict(obj["metadata"])
        if namespaced:
            meta.setdefault("namespace", namespace)
        await self._client.apply(resource, {**obj, "metadata": meta})

    async def _resource(self, api_version: str, kind: str) -> tuple[Resource, bool]:
        kinds = self._kinds.get(api_version, {})
        if kind not in kinds:
            root = "/apis" if "/" in api_version else "/api"
            answer = await self._client.raw(f"{root}/{api_version}")
            self._kinds[api_version] = kinds = {
                entry["kind"]: (entry["name"], entry["namespaced"])
                for entry in answer["resources"]
                if "/" not in entry["name"]
            }
        if kind not in kinds:
            raise NotFound(404, "NotFound", f"the server has no {kind} in {api_version}")
        plural, namespaced = kinds[kind]
        group, _, version = api_version.rpartition("/")
        return Resource(group, version, plural, kind), namespaced

    async def _established(self, name: str) -> None:
        async with asyncio.timeout(_PATIENCE):
            while True:
                crd = await self._client.get(CRDS, None, name)
                conditions = crd.get("status", {}).get("conditions") or ()
                if any(c["type"] == "Established" and c["status"] == "True" for c in conditions):
                    return
                await asyncio.sleep(_POLL)
