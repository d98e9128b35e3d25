"""The sandbox's API server: requests in, answers out, in process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from canary.clock import Clock
from canary.kube.resources import CRDS, NAMESPACES
from canary.kube.transport import Request, Response, Stream
from canary.sandbox import definitions, discovery, openapi
from canary.sandbox.bodies import Body
from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.kind import Kind
from canary.sandbox.kinds import BUILT_IN, custom_kinds
from canary.sandbox.refusal import Refused
from canary.sandbox.routing import Place, place
from canary.sandbox.storage import Storage
from canary.sandbox.verbs import Outcome, Verbs
from canary.sandbox.watches import Watch
from canary.sandbox.writes import Writer

VERSION = {"major": "1", "minor": "36", "gitVersion": "v1.36.3", "platform": "linux/amd64"}
_REVIEW = "io.k8s.api.authorization.v1.SelfSubjectAccessReview"
REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


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
    content_type: str = ""
    accept: str = ""

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
        self.clock = clock
        self.storage = Storage()
        self.writer = Writer(self.storage, clock)
        self.audit: list[Entry] = []
        self.denied: set[tuple[str, str]] = set()
        """(verb, resource) pairs that access reviews answer with no."""
        self._verbs = Verbs(self.writer, clock, self._written)
        self._kinds: dict[tuple[str, str, str], Kind] = {}
        for kind in BUILT_IN:
            self._serve(kind)
        for name in ("default", "kube-system"):
            self.writer.create(self.kind_of("", "v1", "namespaces"), "", _namespace(name), "boot")
        self.storage.watch_removals(CRDS, self._removed)

    @property
    def kinds(self) -> list[Kind]:
        """All kinds that are served now."""
        return list(self._kinds.values())

    def kind_of(self, group: str, version: str, plural: str) -> Kind:
        """The kind that is served there; raises KeyError."""
        return self._kinds[(group, version, plural)]

    def transport(self, user: str) -> LocalTransport:
        """A transport whose requests are those of ``user``."""
        return LocalTransport(self, user)

    def handle(self, user: str, request: Request) -> Response:
        """Answer one request that is no watch."""
        entry = _entry(user, request)
        if (request.method, request.path) == ("GET", openapi.VERSION_2):
            self.audit.append(entry)
            body, media_type = openapi.version_2()
            return Response(entry.status, {"content-type": media_type}, body)
        headers = {"content-type": "application/json"}
        try:
            outcome = self._answer(request, entry)
            entry.answer, entry.status = outcome.body, outcome.code
            if outcome.warnings:
                texts = (text.replace('"', '\\"') for text in outcome.warnings)
                headers["warning"] = ", ".join(f'299 - "{text}"' for text in texts)
        except Refused as refused:
            entry.answer, entry.status = refused.status(), refused.code
            self.audit.append(entry)
            if refused.text:
                headers["content-type"] = "text/plain; charset=utf-8"
            return Response(entry.status, headers, refused.body())
        self.audit.append(entry)
        return Response(entry.status, headers, orjson.dumps(entry.answer))

    def opened(self, entry: Entry, request: Request) -> Watch:
        """A new watch; raises Refused."""
        here = entry.subject = place(request.path, self._kinds)
        return Watch(self.storage, self.clock, here, request)

    def _answer(self, request: Request, entry: Entry) -> Outcome:
        if request.path == "/version":
            return Outcome(VERSION)
        if request.path in ("/readyz", "/livez", "/healthz"):
            return Outcome("ok")
        if request.path == REVIEWS and request.method == "POST":
            return Outcome(self._review(request), 201)
        if request.method == "GET":
            found = discovery.answer(request.path, self.kinds) or openapi.answer(
                request.path, self.kinds
            )
            if found is not None:
                return Outcome(found)
        here = entry.subject = place(request.path, self._kinds)
        return self._verbs.answer(here, request, entry.user)

    def _review(self, request: Request) -> Any:
        body = Body(request).plain(_REVIEW)
        wanted = body["spec"]["resourceAttributes"]
        resource = wanted["resource"]
        if wanted.get("subresource"):
            resource = f"{resource}/{wanted['subresource']}"
        if wanted.get("group"):
            resource = f"{resource}.{wanted['group']}"
        return {**body, "status": {"allowed": (wanted["verb"], resource) not in self.denied}}

    def _serve(self, kind: Kind) -> None:
        self._kinds[(kind.resource.group, kind.resource.version, kind.resource.plural)] = kind

    def _written(self, kind: Kind, obj: JsonObj) -> None:
        """A CRD is served from the moment that it is stored."""
        if kind.resource == CRDS and "deletionTimestamp" not in obj["metadata"]:
            for served in custom_kinds(obj):
                self._serve(served)
            definitions.establish(self.writer, kind, obj)

    def _removed(self, crd: JsonObj) -> None:
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
        entry = _entry(self._user, request)
        server.audit.append(entry)
        try:
            found = server.opened(entry, request)
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


def _entry(user: str, request: Request) -> Entry:
    entry = Entry(user, request.method, request.path, dict(request.query), 200, request.body)
    entry.content_type = request.content_type if request.body else ""
    entry.accept = request.accept
    return entry


def _namespace(name: str) -> JsonObj:
    return {"apiVersion": "v1", "kind": NAMESPACES.kind, "metadata": {"name": name}}
