"""The sandbox's API server: requests in, answers out, in process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import yaml

from canary.clock import Clock
from canary.kube.resources import CRDS, NAMESPACES, Key
from canary.kube.transport import (
    APPLY_PATCH,
    JSON_PATCH,
    MERGE_PATCH,
    Request,
    Response,
    Stream,
)
from canary.sandbox.jsonpatch import json_patch, merge_patch, operations
from canary.sandbox.jsonvalue import JsonObj, thaw
from canary.sandbox.kinds import BUILT_IN, Kind, custom_kinds
from canary.sandbox.reads import listing, partial, watch
from canary.sandbox.refusal import (
    Refused,
    bad_request,
    method_not_allowed,
    not_found,
    not_implemented,
    unsupported_media_type,
)
from canary.sandbox.routing import Place, place
from canary.sandbox.scale import read_scale, scaled
from canary.sandbox.storage import Storage
from canary.sandbox.writes import Writer

VERSION = {"major": "1", "minor": "36", "gitVersion": "v1.36.3", "platform": "linux/amd64"}


@dataclass(slots=True)
class Entry:
    """One line of the audit log."""

    user: str
    method: str
    path: str
    query: Mapping[str, str]
    status: int
    body: bytes | None = field(repr=False, default=None)
    subject: Place | None = None
    answer: Any = field(repr=False, default=None)

    @property
    def writes(self) -> bool:
        """Whether it asked for a change that stays."""
        return (
            self.method != "GET"
            and self.query.get("dryRun") != "All"
            and "accessreviews" not in self.path
        )


class Server:
    """One API server. ``transport(user)`` is a client's way in; ``audit`` keeps what came in."""

    def __init__(self, clock: Clock) -> None:
        self.storage = Storage()
        self.writer = Writer(self.storage, clock)
        self.audit: list[Entry] = []
        self.denied: set[tuple[str, str]] = set()
        """(verb, resource) pairs that access reviews answer with no."""
        self._kinds: dict[tuple[str, str, str], Kind] = {}
        for kind in BUILT_IN:
            self._serve(kind)
        for name in ("default", "kube-system"):
            self.writer.create(self.kind_of("", "v1", "namespaces"), "", _namespace(name), "boot")

    def kind_of(self, group: str, version: str, plural: str) -> Kind:
        """The kind that is served there; raises KeyError."""
        return self._kinds[(group, version, plural)]

    def transport(self, user: str) -> LocalTransport:
        """A transport whose requests are those of ``user``."""
        return LocalTransport(self, user)

    def handle(self, user: str, request: Request) -> Response:
        """Answer one request that is no watch."""
        entry = Entry(user, request.method, request.path, dict(request.query), 200, request.body)
        try:
            entry.answer, entry.status = self._dispatch(request, entry)
        except Refused as refused:
            entry.answer, entry.status = refused.status(), refused.code
        self.audit.append(entry)
        body = orjson.dumps(entry.answer)
        return Response(entry.status, {"content-type": "application/json"}, body)

    def _dispatch(self, request: Request, entry: Entry) -> tuple[Any, int]:
        if request.path == "/version":
            return VERSION, 200
        if request.path.endswith("/selfsubjectaccessreviews"):
            return self._review(request), 201
        here = entry.subject = place(request.path, self._kinds)
        query = request.query
        if request.method == "GET":
            return self._get(here, request), 200
        manager = query.get("fieldManager") or entry.user
        if request.method == "POST" and not here.name:
            dry_run = query.get("dryRun") == "All"
            made = self.writer.create(
                here.kind, here.namespace, _decoded(request), manager, dry_run=dry_run
            )
            self._registered(here.kind, made)
            return made, 201
        if query.get("dryRun"):
            raise not_implemented("a dry run of anything but a creation")
        if request.method == "DELETE" and here.name and not here.subresource:
            return self._delete(here, request), 200
        if request.method in ("PUT", "PATCH") and here.name:
            return self._change(here, request, manager)
        raise method_not_allowed()

    def _get(self, here: Place, request: Request) -> Any:
        if not here.name:
            return listing(self.storage, here, request)
        obj = self.storage.get(here.kind.resource, Key(here.namespace, here.name))
        if obj is None:
            raise not_found(here.kind.resource, here.name)
        if here.subresource == "scale" and here.kind.scale:
            return read_scale(obj)
        if here.subresource not in ("", "status"):
            raise not_found(here.kind.resource, here.name)
        return partial(obj) if "PartialObjectMetadata" in request.accept else obj

    def _change(self, here: Place, request: Request, manager: str) -> tuple[Any, int]:
        kind, key = here.kind, Key(here.namespace, here.name)
        if here.subresource == "scale" and kind.scale:
            return self._scale(kind, key, request, manager), 200
        if here.subresource not in ("", "status") or (here.subresource and not kind.status):
            raise not_found(kind.resource, here.name)
        if request.method == "PUT":
            body = _decoded(request)
            changed = self.writer.update(kind, key, body, manager, subresource=here.subresource)
        elif request.content_type == APPLY_PATCH:
            if here.subresource:
                raise not_implemented(f"apply to {here.subresource}")
            before = self.storage.get(kind.resource, key)
            force = request.query.get("force") == "true"
            changed = self.writer.apply(kind, key, _decoded(request), manager, force=force)
            self._registered(kind, changed)
            return changed, 200 if before else 201
        else:
            live = self.storage.get(kind.resource, key)
            if live is None:
                raise not_found(kind.resource, here.name)
            body = _patched(live, request)
            changed = self.writer.update(kind, key, body, manager, subresource=here.subresource)
        self._registered(kind, changed)
        return changed, 200

    def _scale(self, kind: Kind, key: Key, request: Request, manager: str) -> Any:
        live = self.storage.get(kind.resource, key)
        if live is None:
            raise not_found(kind.resource, key.name)
        wanted = (
            _decoded(request) if request.method == "PUT" else _patched(read_scale(live), request)
        )
        return read_scale(self.writer.update(kind, key, scaled(live, wanted), manager))

    def _delete(self, here: Place, request: Request) -> Any:
        options = orjson.loads(request.body) if request.body else {}
        if options.get("propagationPolicy", "Background") != "Background":
            raise not_implemented(f"propagationPolicy {options['propagationPolicy']}")
        key = Key(here.namespace, here.name)
        live = self.storage.get(here.kind.resource, key)
        left = self.writer.delete(here.kind, key, options.get("preconditions") or {})
        if left is not None:
            return left
        if live and here.kind.resource == CRDS:
            self._unregister(live)
        details = {"name": here.name, "kind": here.kind.resource.plural}
        if live:
            details["uid"] = live["metadata"]["uid"]
        return {"kind": "Status", "apiVersion": "v1", "status": "Success", "details": details}

    def _review(self, request: Request) -> Any:
        body = _decoded(request)
        wanted = body["spec"]["resourceAttributes"]
        resource = wanted["resource"]
        if wanted.get("subresource"):
            resource = f"{resource}/{wanted['subresource']}"
        if wanted.get("group"):
            resource = f"{resource}.{wanted['group']}"
        return {**body, "status": {"allowed": (wanted["verb"], resource) not in self.denied}}

    def _serve(self, kind: Kind) -> None:
        self._kinds[(kind.resource.group, kind.resource.version, kind.resource.plural)] = kind

    def _registered(self, kind: Kind, obj: JsonObj) -> None:
        """A CRD is served from the moment that it is stored."""
        if kind.resource == CRDS:
            for served in custom_kinds(obj):
                self._serve(served)

    def _unregister(self, crd: JsonObj) -> None:
        for served in custom_kinds(crd):
            resource = served.resource
            self._kinds.pop((resource.group, resource.version, resource.plural), None)
            for key, _ in self.storage.all(resource):
                self.storage.remove(resource, key)
            self.storage.end_feeds(resource)


class LocalTransport:
    """The seam of ``canary.kube.transport``, without a network."""

    def __init__(self, server: Server, user: str) -> None:
        self._server = server
        self._user = user

    async def request(self, request: Request) -> Response:
        """Answered at once."""
        return self._server.handle(self._user, request)

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[Stream]:
        """A watch, or the error that it meets."""
        server = self._server
        entry = Entry(self._user, "GET", request.path, dict(request.query), 200)
        server.audit.append(entry)
        try:
            here = entry.subject = place(request.path, server._kinds)
            found = watch(server.storage, here, request)
        except Refused as refused:
            entry.status = refused.code
            yield _Failed(refused)
            return
        try:
            yield found
        finally:
            found.close()

    async def close(self) -> None:
        """Nothing to release."""


class _Failed:
    """A watch that was refused."""

    def __init__(self, refused: Refused) -> None:
        self.status = refused.code
        self.headers: Mapping[str, str] = {}
        self._refused = refused

    async def body(self) -> bytes:
        return self._refused.body()

    async def lines(self) -> AsyncIterator[bytes]:
        lines: tuple[bytes, ...] = ()
        for line in lines:
            yield line


def _namespace(name: str) -> JsonObj:
    return {"apiVersion": "v1", "kind": NAMESPACES.kind, "metadata": {"name": name}}


def _decoded(request: Request) -> JsonObj:
    try:
        if request.content_type == APPLY_PATCH:
            body = yaml.safe_load(request.body or b"")
        else:
            body = orjson.loads(request.body or b"")
    except (orjson.JSONDecodeError, yaml.YAMLError) as error:
        raise bad_request(f"the body can't be decoded: {error}") from error
    if not isinstance(body, dict):
        raise bad_request("the body is not an object")
    return body


def _patched(live: JsonObj, request: Request) -> JsonObj:
    try:
        patch = orjson.loads(request.body or b"")
    except orjson.JSONDecodeError as error:
        raise bad_request(f"the body can't be decoded: {error}") from error
    if request.content_type == JSON_PATCH:
        found: JsonObj = json_patch(thaw(live), operations(patch))
    elif request.content_type == MERGE_PATCH:
        found = merge_patch(thaw(live), patch)
    else:
        raise unsupported_media_type((JSON_PATCH, MERGE_PATCH, APPLY_PATCH))
    return found
