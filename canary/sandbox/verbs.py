"""What each verb does: from a request to an answer and its code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from canary.clock import Clock
from canary.kube.resources import Key
from canary.kube.transport import APPLY_PATCH, JSON, Request
from canary.sandbox import builtin, deletion
from canary.sandbox.bodies import Body
from canary.sandbox.fielderror import unsupported
from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.kind import Kind
from canary.sandbox.negotiation import form
from canary.sandbox.reads import listing, represented
from canary.sandbox.refusal import (
    bad_request,
    invalid_object,
    method_not_allowed,
    no_such_path,
    not_found,
    not_implemented,
    unsupported_media_type,
)
from canary.sandbox.routing import Place
from canary.sandbox.scale import SCALE_TYPE, read_scale, scaled
from canary.sandbox.writes import Writer

_OPTIONS = {"POST": "Create", "PUT": "Update", "PATCH": "Patch", "DELETE": "Delete"}


@dataclass
class Outcome:
    """An answer: its body, its code, and warnings for the client."""

    body: Any
    code: int = 200
    warnings: list[str] = field(default_factory=list)


class Verbs:
    """Answers requests about objects; ``stored`` hears of every object that was written."""

    def __init__(
        self, writer: Writer, clock: Clock, stored: Callable[[Kind, JsonObj], None]
    ) -> None:
        self._writer, self._clock, self._stored = writer, clock, stored
        self._storage = writer.storage

    def answer(self, here: Place, request: Request, user: str) -> Outcome:
        """Answer one request; raises Refused."""
        self._check_subresource(here)
        if request.method == "GET":
            return Outcome(self._get(here, request))
        dry_run = self._dry_run(request)
        manager = request.query.get("fieldManager") or user
        if request.method == "POST" and not here.name:
            outcome = self._create(here, request, manager, dry_run)
        elif request.method == "DELETE" and not here.subresource:
            return Outcome(self._delete(here, request, dry_run))
        elif request.method in ("PUT", "PATCH") and here.name:
            outcome = self._change(here, request, manager, dry_run)
        else:
            raise method_not_allowed()
        include = request.query.get("includeObject", "Metadata")
        if here.subresource != "scale":
            whole, wanted = outcome.body, form(request.accept)
            outcome.body = represented(self._clock, here, whole, wanted, include)
        return outcome

    def _check_subresource(self, here: Place) -> None:
        name, kind = here.subresource, here.kind
        if name in ("", *(["status"] if kind.status else []), *(["scale"] if kind.scale else [])):
            return
        full = f"{kind.resource.plural}/{name}"
        if any(row["name"] == full for row in builtin.discovered(kind.resource.api_version)):
            raise not_implemented(full)
        raise no_such_path()

    @staticmethod
    def _dry_run(request: Request) -> bool:
        wanted = request.query.get("dryRun", "")
        if wanted not in ("", "All"):
            error = unsupported("dryRun", [wanted], ["All"])
            options = f"{_OPTIONS[request.method]}Options"
            raise invalid_object("meta.k8s.io", options, "", [error])
        return bool(wanted)

    def _get(self, here: Place, request: Request) -> Any:
        wanted = form(request.accept)
        if not here.name:
            return listing(self._storage, self._clock, here, request, wanted)
        obj = self._writer.live(here.kind, Key(here.namespace, here.name))
        if here.subresource == "scale":
            return read_scale(obj)
        include = request.query.get("includeObject", "Metadata")
        return represented(self._clock, here, obj, wanted, include)

    def _create(self, here: Place, request: Request, manager: str, dry_run: bool) -> Outcome:
        body = Body(request)
        obj = body.object(here.kind, "")
        made = self._writer.create(here.kind, here.namespace, obj, manager, dry_run=dry_run)
        if not dry_run:
            self._stored(here.kind, made)
        return Outcome(made, 201, body.warnings)

    def _change(self, here: Place, request: Request, manager: str, dry_run: bool) -> Outcome:
        kind, key = here.kind, Key(here.namespace, here.name)
        if here.subresource == "scale":
            return self._scale(kind, key, request, manager, dry_run)
        body, code = Body(request), 200
        if request.method == "PUT":
            obj = body.object(kind, key.name)
            given = (obj.get("metadata") or {}).get("namespace")
            if kind.namespaced and given not in (None, key.namespace):
                text = "the namespace of the provided object does not match the namespace sent"
                raise bad_request(f"{text} on the request")
            changed = self._writer.update(
                kind, key, obj, manager, subresource=here.subresource, dry_run=dry_run
            )
        elif request.content_type == APPLY_PATCH:
            code = 200 if self._storage.get(kind.resource, key) else 201
            changed = self._writer.apply(
                kind,
                key,
                body.applied(kind, key.name),
                manager,
                force=request.query.get("force") == "true",
                subresource=here.subresource,
                dry_run=dry_run,
            )
        else:
            live = self._writer.live(kind, key)
            new = body.patched(kind, live, kind.shape)
            changed = self._writer.update(
                kind,
                key,
                new,
                manager,
                subresource=here.subresource,
                patched=True,
                dry_run=dry_run,
            )
        if not dry_run:
            self._stored(kind, changed)
        return Outcome(changed, code, body.warnings)

    def _scale(
        self, kind: Kind, key: Key, request: Request, manager: str, dry_run: bool
    ) -> Outcome:
        if request.content_type == APPLY_PATCH:
            raise not_implemented("apply to scale")
        live, body = self._writer.live(kind, key), Body(request)
        if request.method == "PUT":
            wanted = body.object(kind, key.name, SCALE_TYPE)
        else:
            shape = builtin.shape(SCALE_TYPE)
            wanted = body.patched(kind, read_scale(live), shape, SCALE_TYPE)
        new = scaled(live, wanted)
        patched = request.method == "PATCH"
        changed = self._writer.update(
            kind, key, new, manager, subresource="scale", patched=patched, dry_run=dry_run
        )
        return Outcome(read_scale(changed), 200, body.warnings)

    def _delete(self, here: Place, request: Request, dry_run: bool) -> Any:
        if not here.name:
            raise not_implemented("the deletion of a whole collection; delete by name")
        key, kind = Key(here.namespace, here.name), here.kind
        if self._storage.get(kind.resource, key) is None:
            raise not_found(kind.resource, key.name)
        wanted = deletion.options(_options(request), request.query)
        last, held = deletion.delete(self._writer, kind, key, wanted, dry_run=dry_run)
        if held or kind.resource.plural == "pods":
            return last
        details = {
            "name": here.name,
            "group": kind.resource.group,
            "kind": kind.resource.plural,
            "uid": last["metadata"]["uid"],
        }
        if not kind.resource.group:
            del details["group"]
        return {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Success",
            "details": details,
        }


def _options(request: Request) -> Mapping[str, Any]:
    if request.body and request.content_type != JSON:
        raise unsupported_media_type((JSON,))
    try:
        found = orjson.loads(request.body) if request.body else {}
    except orjson.JSONDecodeError as error:
        raise bad_request(f"couldn't get version/kind; json parse error: {error}") from error
    if not isinstance(found, dict):
        raise bad_request("the DeleteOptions are no object")
    return found
