"""Unstructured access to the Kubernetes API: each call has a timeout, each write a precondition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from canary.kube.bodies import background_deletion, guarded, names_fields, scale_of
from canary.kube.errors import AlreadyExists, Conflict, Invalid, Unreachable, from_response
from canary.kube.resources import Obj, Resource
from canary.kube.transport import (
    APPLY_PATCH,
    JSON_PATCH,
    MERGE_PATCH,
    METADATA_ONLY_LIST,
    Request,
    Transport,
    TransportError,
)

MANAGER = "canary-engine"
"""Field manager of everything that the engine writes."""

PAGE = 500
"""Objects per page of a list."""


@dataclass(frozen=True, slots=True)
class Listing:
    """All objects of a collection at one version."""

    items: list[dict[str, Any]]
    resource_version: str


class Client:
    """Calls of one API server over one transport.

    ``on_call`` hears verb and resource of every request. Methods raise ApiError when the server
    refuses and Unreachable when it doesn't answer.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        manager: str = MANAGER,
        timeout: float = 10.0,
        on_call: Callable[[str, str], None] = lambda verb, resource: None,
    ) -> None:
        self.transport = transport
        self.manager = manager
        self.timeout = timeout
        self.on_call = on_call

    async def send(self, request: Request, verb: str, what: str) -> Any:
        """Send a raw request and decode the answer."""
        self.on_call(verb, what)
        try:
            response = await self.transport.request(replace(request, timeout=self.timeout))
        except TransportError as error:
            raise Unreachable(f"{verb} {what}: {error}") from error
        if response.status >= 400:
            raise from_response(response)
        try:
            return orjson.loads(response.body) if response.body else {}
        except orjson.JSONDecodeError as error:
            raise Unreachable(f"{verb} {what}: the answer is not JSON: {error}") from error

    async def raw(self, path: str) -> Any:
        """GET of a path that is no resource: ``/version``, discovery."""
        return await self.send(Request("GET", path), "get", path)

    async def get(self, resource: Resource, namespace: str | None, name: str) -> dict[str, Any]:
        """One object."""
        return await self._object(Request("GET", resource.path(namespace, name)), "get", resource)

    async def list(
        self,
        resource: Resource,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        metadata_only: bool = False,
        limit: int = PAGE,
    ) -> Listing:
        """The whole collection, page by page, consistent at one version.

        Raises Gone when the list outlives its version: start over.
        """
        items: list[dict[str, Any]] = []
        token = ""
        while True:
            query = {"limit": str(limit)}
            query |= {"labelSelector": label_selector} if label_selector else {}
            query |= {"continue": token} if token else {}
            accept = METADATA_ONLY_LIST if metadata_only else "application/json"
            request = Request("GET", resource.path(namespace), query, accept=accept)
            page = await self.send(request, "list", str(resource))
            items += page.get("items") or []
            meta = page.get("metadata") or {}
            token = meta.get("continue") or ""
            if not token:
                return Listing(items, str(meta.get("resourceVersion", "")))

    async def create(self, resource: Resource, obj: Obj) -> dict[str, Any]:
        """POST; raises AlreadyExists."""
        path = resource.path(obj["metadata"].get("namespace"))
        request = Request("POST", path, {"fieldManager": self.manager}, orjson.dumps(obj))
        return await self._object(request, "create", resource)

    async def update(
        self, resource: Resource, obj: Obj, *, subresource: str = ""
    ) -> dict[str, Any]:
        """PUT of the object (or its status); the resourceVersion in it is the precondition."""
        meta = obj["metadata"]
        path = resource.path(meta.get("namespace"), meta["name"], subresource)
        request = Request("PUT", path, {"fieldManager": self.manager}, orjson.dumps(obj))
        return await self._object(request, "update", resource, subresource)

    async def apply(self, resource: Resource, obj: Obj) -> dict[str, Any]:
        """Server-side apply, whoever managed the fields before; uid and resourceVersion in the
        manifest are preconditions."""
        meta = obj["metadata"]
        query = {"fieldManager": self.manager, "force": "true"}
        path = resource.path(meta.get("namespace"), meta["name"])
        request = Request("PATCH", path, query, orjson.dumps(obj), APPLY_PATCH)
        return await self._object(request, "patch", resource)

    async def json_patch(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        operations: Sequence[Mapping[str, Any]],
        *,
        uid: str,
        resource_version: str,
        subresource: str = "",
    ) -> dict[str, Any]:
        """JSON Patch of the object with this uid at this version; raises Conflict otherwise."""
        body = orjson.dumps(guarded(operations, uid=uid, resource_version=resource_version))
        path = resource.path(namespace, name, subresource)
        query = {"fieldManager": self.manager}
        request = Request("PATCH", path, query, body, JSON_PATCH)
        try:
            return await self._object(request, "patch", resource, subresource)
        except Invalid as error:
            if error.status == 422 and not names_fields(error):
                # A failed test operation: the server says no more than that.
                raise Conflict(409, "Conflict", error.message) from error
            raise

    async def merge_patch(
        self, resource: Resource, namespace: str | None, name: str, patch: Obj
    ) -> dict[str, Any]:
        """JSON merge patch; put uid and resourceVersion into its metadata as preconditions."""
        path = resource.path(namespace, name)
        query = {"fieldManager": self.manager}
        request = Request("PATCH", path, query, orjson.dumps(patch), MERGE_PATCH)
        return await self._object(request, "patch", resource)

    async def scale(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        replicas: int,
        *,
        uid: str,
        resource_version: str,
    ) -> dict[str, Any]:
        """Set the replicas of the workload with this uid at this version."""
        precondition = {"uid": uid, "resourceVersion": resource_version}
        body = scale_of(namespace, name, replicas, precondition)
        path = resource.path(namespace, name, "scale")
        request = Request("PUT", path, {"fieldManager": self.manager}, orjson.dumps(body))
        return await self._object(request, "update", resource, "scale")

    async def delete(
        self, resource: Resource, namespace: str | None, name: str, *, uid: str
    ) -> None:
        """Delete the object with this uid; its dependents go in the background."""
        body = orjson.dumps(background_deletion({"uid": uid}))
        request = Request("DELETE", resource.path(namespace, name), body=body)
        await self._object(request, "delete", resource)

    async def _object(
        self, request: Request, verb: str, resource: Resource, subresource: str = ""
    ) -> dict[str, Any]:
        what = f"{resource}/{subresource}" if subresource else str(resource)
        answer = await self.send(request, verb, what)
        if not isinstance(answer, dict):
            raise Unreachable(f"{verb} {what}: the answer is no object")
        return answer


__all__ = ["MANAGER", "AlreadyExists", "Client", "Conflict", "Listing"]
