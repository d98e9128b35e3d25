"""OpenAPI v3, as far as clients need it: types, and that fields are validated by the server."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from canary.sandbox import builtin
from canary.sandbox.kind import Kind
from canary.sandbox.scale import SCALE_TYPE

_ROOT = "/openapi/v3"
_REFERENCE = "#/components/schemas/"
_PARAMETERS = [
    {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
    for name in ("dryRun", "fieldManager", "fieldValidation")
]


def answer(path: str, kinds: Sequence[Kind]) -> Any:
    """The index of documents, or one of them; None for any other path.

    Version 2 isn't served: clients that know version 3 do without it.
    """
    if not path.startswith(_ROOT):
        return None
    documents: dict[str, list[Kind]] = {}
    for kind in kinds:
        root = "apis" if kind.resource.group else "api"
        documents.setdefault(f"{root}/{kind.resource.api_version}", []).append(kind)
    if path == _ROOT:
        return {"paths": {name: {"serverRelativeURL": _url(n)} for name, n in _hashed(documents)}}
    found = documents.get(path.removeprefix(f"{_ROOT}/"))
    return _document(found) if found else None


def _hashed(documents: Mapping[str, Sequence[Kind]]) -> list[tuple[str, str]]:
    """Names, and names with a hash that changes with the content, by which clients cache."""
    out = []
    for name, kinds in documents.items():
        content = orjson.dumps([kind.schema for kind in kinds])
        out.append((name, f"{name}?hash={hashlib.sha256(content).hexdigest()[:16].upper()}"))
    return out


def _url(name: str) -> str:
    return f"{_ROOT}/{name}"


def _document(kinds: Sequence[Kind]) -> dict[str, Any]:
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for kind in kinds:
        name = _add(kind, schemas)
        collection = kind.resource.path("{namespace}" if kind.namespaced else None)
        paths[collection] = {"post": _operation("post", kind, name)}
        paths[f"{collection}/{{name}}"] = {
            method: _operation(method, kind, name) for method in ("get", "put", "patch")
        }
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "v1.36.3"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _operation(method: str, kind: Kind, name: str) -> dict[str, Any]:
    resource = kind.resource
    row = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    schema = {"schema": {"$ref": f"{_REFERENCE}{name}"}}
    return {
        "responses": {"200": {"description": "OK", "content": {"application/json": schema}}},
        "x-kubernetes-action": method,
        "x-kubernetes-group-version-kind": row,
        **({"parameters": _PARAMETERS} if method != "get" else {}),
    }


def _add(kind: Kind, schemas: dict[str, Any]) -> str:
    """Add the types of a kind; gives its name."""
    resource = kind.resource
    if kind.schema is None:
        name = builtin.type_name(resource)
        names = [name, *([SCALE_TYPE] if kind.scale else [])]
    else:
        name = ".".join((*reversed(resource.group.split(".")), resource.version, resource.kind))
        row = {"group": resource.group, "version": resource.version, "kind": resource.kind}
        properties = {
            **(kind.schema.get("properties") or {}),
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"allOf": [{"$ref": f"{_REFERENCE}{builtin.METADATA}"}]},
        }
        schemas[name] = {
            **kind.schema,
            "properties": properties,
            "x-kubernetes-group-version-kind": [row],
        }
        names = [builtin.METADATA]
    while names:
        one = names.pop()
        if one not in schemas:
            schemas[one] = builtin.types()[one]
            names += builtin.references(schemas[one])
    return name
