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
VERSION_2 = "/openapi/v2"
_VERSION_2_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
_RELEASE = "v1.36.3"
_REFERENCE = "#/components/schemas/"
_PARAMETERS = [
    {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
    for name in ("dryRun", "fieldManager", "fieldValidation")
]


def version_2() -> tuple[bytes, str]:
    """The document of version 2 and its media type: valid, and without any type.

    A kubectl before 1.29 gives up without one. It then merges the kinds that it knows by itself,
    and leaves validation to the server, as it finds in version 3.
    """
    info = _text(1, "Kubernetes") + _text(2, _RELEASE)
    return _text(1, "2.0") + b"\x12" + bytes([len(info)]) + info, _VERSION_2_TYPE


def _text(number: int, value: str) -> bytes:
    """A short text as a field in protobuf."""
    return bytes([number << 3 | 2, len(value)]) + value.encode()


def answer(path: str, kinds: Sequence[Kind]) -> Any:
    """The index of documents, or one of them; None for any other path."""
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
        "info": {"title": "Kubernetes", "version": _RELEASE},
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
