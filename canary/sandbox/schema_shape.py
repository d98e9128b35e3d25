"""The shape of custom resources, from their schema's list and map types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from canary.sandbox import builtin
from canary.sandbox.shapes import Shape

UNTYPED = Shape(named=False)
"""Of unknown members that a schema keeps: maps are merged, lists replaced, nothing is named."""


def shape_of(schema: Mapping[str, Any]) -> Shape:
    """Merge behaviour of a value with this schema."""
    keys = tuple(schema.get("x-kubernetes-list-map-keys") or ())
    kind = schema.get("x-kubernetes-list-type", "atomic")
    items = schema.get("items") or {}
    fields = {name: shape_of(child) for name, child in (schema.get("properties") or {}).items()}
    extra = schema.get("additionalProperties")
    properties = items.get("properties") or {}
    return Shape(
        fields=fields,
        others=shape_of(extra) if isinstance(extra, dict) else UNTYPED,
        named=False,
        atomic=schema.get("x-kubernetes-map-type") == "atomic",
        keys=keys if kind == "map" else (),
        key_defaults={
            key: properties[key]["default"]
            for key in keys
            if "default" in (properties.get(key) or {})
        },
        unique=kind == "set",
        item=shape_of(items) if items else None,
    )


def object_shape(schema: Mapping[str, Any]) -> Shape:
    """Shape of a whole custom resource."""
    shape = shape_of(schema)
    metadata = builtin.shape(builtin.METADATA)
    return Shape(fields={**shape.fields, "metadata": metadata}, others=UNTYPED, named=False)
