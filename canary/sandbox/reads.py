"""Objects and lists, in the form that a client asks for."""

from __future__ import annotations

from canary.clock import Clock
from canary.kube.resources import Key
from canary.kube.transport import Request
from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.negotiation import Form
from canary.sandbox.refusal import EXPIRED_PAGE, bad_request, expired, not_implemented
from canary.sandbox.routing import Place
from canary.sandbox.selectors import Selection, Selector, parse_fields, parse_labels
from canary.sandbox.storage import Storage
from canary.sandbox.table import table


def represented(
    clock: Clock, here: Place, obj: JsonObj, form: Form, include: str = "Metadata"
) -> JsonObj:
    """One object in the form that was asked for."""
    if form is Form.METADATA:
        return partial(obj)
    if form is Form.TABLE:
        meta = {"resourceVersion": obj["metadata"]["resourceVersion"]}
        return table(here.kind, [obj], meta, clock.now(), include=include)
    return obj


def partial(obj: JsonObj) -> JsonObj:
    """Only identity and metadata."""
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": obj["metadata"],
    }


def selection(here: Place, request: Request) -> Selection:
    """What a list or watch is limited to."""
    query, kind = request.query, here.kind
    labels = Selector(parse_labels(query.get("labelSelector", "")))
    strict = not kind.fields and not kind.custom
    fields = parse_fields(query.get("fieldSelector", ""), kind.fields, strict=strict)
    return Selection(labels, fields)


def listing(storage: Storage, clock: Clock, here: Place, request: Request, form: Form) -> JsonObj:
    """A page of a collection; a later page is of the version of the first, or expired."""
    query, wanted = request.query, selection(here, request)
    if query.get("resourceVersionMatch") == "Exact":
        raise not_implemented("a list at an exact version")
    after, version = _resumed(storage, query.get("continue", ""))
    limit = int(query.get("limit") or 0)
    rows = [
        (key, obj)
        for key, obj in storage.all(here.kind.resource)
        if (not here.namespace or key.namespace == here.namespace)
        and (after is None or key > after)
        and wanted.matches(obj)
    ]
    page = rows[:limit] if limit else rows
    meta: JsonObj = {"resourceVersion": str(version)}
    if len(page) < len(rows):
        meta["continue"] = f"{version}:{page[-1][0].namespace}/{page[-1][0].name}"
        meta["remainingItemCount"] = len(rows) - len(page)
    if form is Form.TABLE:
        include = query.get("includeObject", "Metadata")
        return table(here.kind, [obj for _, obj in page], meta, clock.now(), include=include)
    metadata_only = form is Form.METADATA
    kind = "PartialObjectMetadata" if metadata_only else here.kind.resource.kind
    api = "meta.k8s.io/v1" if metadata_only else here.kind.resource.api_version
    items = [partial(obj) if metadata_only else _bare(here, obj) for _, obj in page]
    return {"kind": f"{kind}List", "apiVersion": api, "metadata": meta, "items": items}


def _bare(here: Place, obj: JsonObj) -> JsonObj:
    """Items of typed lists don't repeat their kind."""
    if here.kind.custom:
        return obj
    return {key: value for key, value in obj.items() if key not in ("kind", "apiVersion")}


def _resumed(storage: Storage, token: str) -> tuple[Key | None, int]:
    if not token:
        return None, storage.version
    version, _, name = token.partition(":")
    namespace, _, name = name.partition("/")
    if not version.isdigit():
        raise bad_request("invalid continue token: continue key is not valid")
    if int(version) != storage.version:
        # Pages of a version that is gone: a real server serves them for some minutes.
        raise expired(EXPIRED_PAGE)
    return Key(namespace, name), int(version)
