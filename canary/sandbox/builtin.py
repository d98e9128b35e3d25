"""The built-in types, from Kubernetes' own OpenAPI: what they have, and how they are merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from canary.kube.resources import Resource
from canary.sandbox.shapes import ATOMIC, PLAIN, Shape

Schema = Mapping[str, Any]

METADATA = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_RAW = "io.k8s.apimachinery.pkg.runtime.RawExtension"


@cache
def _published() -> Schema:
    found: Schema = orjson.loads(
        files("canary.sandbox").joinpath("data/kubernetes.json").read_bytes()
    )
    return found


def types() -> Mapping[str, Schema]:
    """All types by their OpenAPI name."""
    found: Mapping[str, Schema] = _published()["types"]
    return found


def messages() -> Mapping[str, Mapping[str, list[str]]]:
    """Name, type and label of each field of each protobuf message, by its number."""
    found: Mapping[str, Mapping[str, list[str]]] = _published()["messages"]
    return found


def discovered(api_version: str) -> list[dict[str, Any]]:
    """The rows of an APIResourceList, those of subresources too."""
    found: list[dict[str, Any]] = _published()["resources"].get(api_version, [])
    return found


@cache
def type_name(resource: Resource) -> str:
    """OpenAPI name of a kind; raises KeyError when it is none of the built-in ones."""
    row = {"group": resource.group, "kind": resource.kind, "version": resource.version}
    for name, schema in types().items():
        if schema.get("x-kubernetes-group-version-kind") == [row]:
            return name
    raise KeyError(resource)


def resolved(schema: Schema) -> Schema:
    """A schema in place of the reference to it; what stands beside the reference counts more."""
    name = referenced(schema)
    return {**types()[name], **schema} if name else schema


_RESOLVED: dict[int, tuple[Schema, str, Schema]] = {}


def looked_up(schema: Schema) -> tuple[str, Schema]:
    """``referenced`` and ``resolved`` of a schema that stays: they are remembered."""
    found = _RESOLVED.get(id(schema))
    if found is None:
        found = _RESOLVED[id(schema)] = (schema, referenced(schema), resolved(schema))
    return found[1], found[2]


def referenced(schema: Schema) -> str:
    """Name of the type that a schema refers to, or nothing."""
    reference = schema.get("$ref") or next((one["$ref"] for one in schema.get("allOf") or ()), "")
    return str(reference).rpartition("/")[2]


def references(schema: Any) -> Iterator[str]:
    """Names of all types that a schema refers to directly."""
    if isinstance(schema, Mapping):
        for key, child in schema.items():
            if key == "$ref" and isinstance(child, str):
                yield child.rpartition("/")[2]
            else:
                yield from references(child)
    elif isinstance(schema, list):
        for child in schema:
            yield from references(child)


def metadata() -> Schema:
    """The type of every object's metadata."""
    return types()[METADATA]


_OPEN: set[str] = set()


@cache
def shape(name: str) -> Shape:
    """How values of a type are merged."""
    if name == _RAW:
        return ATOMIC
    return _shape(types()[name])


def _shape(schema: Schema) -> Shape:
    name = referenced(schema)
    if name and name in _OPEN:
        # Only schemas within CustomResourceDefinitions nest without end: nobody owns parts of them.
        return PLAIN
    if name == _RAW:
        return shape(name)
    if name:
        _OPEN.add(name)
    whole = resolved(schema)
    try:
        if whole.get("type") == "array":
            return _list(whole)
        return _map(whole)
    finally:
        _OPEN.discard(name)


def _map(schema: Schema) -> Shape:
    extra = schema.get("additionalProperties")
    return Shape(
        fields={key: _shape(child) for key, child in (schema.get("properties") or {}).items()},
        others=_shape(extra) if isinstance(extra, Mapping) else None,
        named=extra is None,
        atomic=schema.get("x-kubernetes-map-type") == "atomic",
    )


def _list(schema: Schema) -> Shape:
    kind, items = schema.get("x-kubernetes-list-type"), resolved(schema["items"])
    keys = tuple(schema.get("x-kubernetes-list-map-keys") or ()) if kind == "map" else ()
    properties = items.get("properties") or {}
    return Shape(
        keys=keys,
        key_defaults={k: properties[k]["default"] for k in keys if "default" in properties[k]},
        unique=kind == "set",
        item=_shape(schema["items"]),
        patch_merge="merge" in schema.get("x-kubernetes-patch-strategy", "").split(","),
        patch_key=schema.get("x-kubernetes-patch-merge-key", ""),
    )


@cache
def zero(name: str) -> Mapping[str, Any]:
    """What an empty object of a type is when written out: structs and lists that always are."""
    return dict(_zero(types()[name]))


def _zero(schema: Schema) -> Iterator[tuple[str, Any]]:
    needed = schema.get("required") or ()
    for key, child in (schema.get("properties") or {}).items():
        if child.get("default") == {} and referenced(child):
            yield key, dict(_zero(resolved(child)))
        elif key in needed and child.get("type") == "array":
            yield key, []
