"""Decoding of objects as a typed API server does it: types are checked, unknown fields go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from canary.sandbox import builtin
from canary.sandbox.jsonvalue import JsonObj

Schema = Mapping[str, Any]

_CUSTOM = ("int-or-string", "date-time")
"""Formats whose own decoders say what they miss."""
_TYPES: Mapping[str, Any] = {
    "string": str,
    "boolean": bool,
    "object": dict,
    "array": list,
    "number": (int, float),
}
_NUMBERS = {"int32": "int32", "int64": "int64", "double": "float64"}


class WrongType(Exception):
    """A value that doesn't fit its field; ``str()`` is the decoder's own text."""


@dataclass
class Decoder:
    """Decodes one object; ``unknown`` are the paths of fields that were dropped."""

    unknown: list[str] = field(default_factory=list)

    def typed(self, value: JsonObj, name: str) -> JsonObj:
        """An object of the type ``name``; raises WrongType."""
        return self._struct(value, builtin.types()[name], "", name)

    def custom(self, value: JsonObj, schema: Schema) -> JsonObj:
        """A custom resource: pruned by its schema. Its types are checked with its validation."""
        out: JsonObj = {}
        for key, child in value.items():
            if key == "metadata" and isinstance(child, dict):
                out[key] = self._struct(child, builtin.metadata(), "metadata.", builtin.METADATA)
            elif key in ("apiVersion", "kind"):
                out[key] = child
            else:
                found = self._pruned({key: child}, schema, "")
                out |= found
        return out

    def _struct(self, value: Any, schema: Schema, path: str, name: str) -> JsonObj:
        properties = schema["properties"]
        out: JsonObj = {}
        for key, child in value.items():
            if key not in properties:
                self.unknown.append(f"{path}{key}")
            elif child is not None:
                out[key] = self._value(child, properties[key], f"{path}{key}", name)
        return out

    def _value(self, value: Any, schema: Schema, path: str, owner: str) -> Any:
        name, whole = builtin.looked_up(schema)
        if "oneOf" in whole or whole.get("format") in _CUSTOM or "type" not in whole:
            return value
        kind = whole["type"]
        if not _fits(value, kind):
            raise WrongType(
                f"json: cannot unmarshal {_found(value)} into Go struct field "
                f"{_short(owner)}.{_unindexed(path)} of type {_go(schema)}"
            )
        if kind == "object" and "properties" in whole:
            return self._struct(value, whole, f"{path}.", name or owner)
        if kind == "object" and isinstance(whole.get("additionalProperties"), Mapping):
            item = whole["additionalProperties"]
            return {
                # Its path in messages is that of the map: keys are no fields.
                key: self._value(child, item, path, owner)
                for key, child in value.items()
                if child is not None
            }
        if kind == "array":
            return [
                self._value(child, whole["items"], f"{path}[{index}]", owner)
                for index, child in enumerate(value)
            ]
        return value

    def _pruned(self, value: Any, schema: Schema, path: str) -> Any:
        if isinstance(value, list) and isinstance(schema.get("items"), Mapping):
            items = schema["items"]
            return [self._pruned(one, items, f"{path}[{i}]") for i, one in enumerate(value)]
        if not isinstance(value, dict):
            return value
        known, extra = schema.get("properties") or {}, schema.get("additionalProperties")
        keeps = extra is True or schema.get("x-kubernetes-preserve-unknown-fields")
        out = {}
        for key, child in value.items():
            below = f"{path}.{key}" if path else key
            if key in known:
                out[key] = self._pruned(child, known[key], below)
            elif isinstance(extra, Mapping):
                out[key] = self._pruned(child, extra, below)
            elif keeps:
                out[key] = child
            else:
                self.unknown.append(below)
        return out


def _fits(value: Any, kind: str) -> bool:
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, _TYPES[kind])


def _found(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, float):
        return f"number {value}"
    names = {str: "string", dict: "object", list: "array", int: "number"}
    return names[type(value)]


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _go(schema: Schema) -> str:
    name, whole = builtin.referenced(schema), builtin.resolved(schema)
    if name:
        return ".".join(name.split(".")[-2:])
    kind = whole["type"]
    if kind == "array":
        return f"[]{_go(whole['items'])}"
    if kind == "object":
        return f"map[string]{_go(whole.get('additionalProperties') or {'type': 'string'})}"
    if kind in ("integer", "number"):
        return _NUMBERS.get(whole.get("format", "int32"), "int32")
    return {"boolean": "bool"}.get(kind, str(kind))


def _unindexed(path: str) -> str:
    out, inside = "", False
    for character in path:
        inside = character == "[" or (inside and character != "]")
        out += "" if inside or character == "]" else character
    return out
