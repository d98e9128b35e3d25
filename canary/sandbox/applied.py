"""Whether a configuration for server-side apply has only fields that its type declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from canary.sandbox import builtin
from canary.sandbox.fielderror import shown
from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.kind import Kind
from canary.sandbox.refusal import Refused

Schema = Mapping[str, Any]

_EXPECTED: Mapping[str, tuple[str, Any]] = {
    "string": ("string", str),
    "boolean": ("boolean", bool),
    "integer": ("numeric (int or float)", (int, float)),
    "number": ("numeric (int or float)", (int, float)),
    "object": ("map", dict),
    "array": ("list", list),
}


def check_declared(kind: Kind, config: JsonObj) -> None:
    """Refuse (500, as the server does) undeclared fields and values of the wrong type."""
    if kind.schema is not None:
        fields = dict(kind.schema.get("properties") or {})
        fields |= {"apiVersion": {}, "kind": {}, "metadata": builtin.metadata()}
        schema: Schema = {**kind.schema, "type": "object", "properties": fields}
    else:
        schema = builtin.types()[builtin.type_name(kind.resource)]
    if problem := _check(config, schema, ""):
        raise untyped(config, problem)


def untyped(config: JsonObj, problem: str) -> Refused:
    """The answer to a configuration that doesn't fit its type."""
    meta, version = config.get("metadata") or {}, config.get("apiVersion") or ""
    full = version if "/" in version else f"/{version}"
    what = f"{meta.get('namespace', '')}/{meta.get('name', '')}; {full}"
    message = f"failed to create typed patch object ({what}, Kind={config.get('kind')}): {problem}"
    return Refused(500, "", message)


def _check(value: Any, schema: Schema, path: str) -> str:
    """The first problem that is found, as the server stops there too."""
    whole = builtin.resolved(schema)
    if value is None or whole.get("x-kubernetes-int-or-string") or "oneOf" in whole:
        return ""
    kind = str(whole.get("type"))
    if kind in _EXPECTED:
        text, types = _EXPECTED[kind]
        if not isinstance(value, types) or (isinstance(value, bool) and kind != "boolean"):
            return f"{path}: expected {text}, got {_found(value)}"
    if isinstance(value, dict):
        return _check_map(value, whole, path)
    if isinstance(value, list) and isinstance(whole.get("items"), Mapping):
        keys = whole.get("x-kubernetes-list-map-keys") or ()
        for index, item in enumerate(value):
            if problem := _check(item, whole["items"], path + _at(item, index, keys)):
                return problem
    return ""


def _found(value: Any) -> str:
    names = {dict: "map", list: "list", str: "string", bool: "boolean"}
    return names.get(type(value), "numeric (int or float)")


def _at(item: Any, index: int, keys: Sequence[str]) -> str:
    if not keys or not isinstance(item, dict):
        return f"[{index}]"
    return f"[{','.join(f'{key}={shown(item.get(key))}' for key in sorted(keys))}]"


def _check_map(value: JsonObj, schema: Schema, path: str) -> str:
    known, extra = schema.get("properties") or {}, schema.get("additionalProperties")
    keeps = extra is True or schema.get("x-kubernetes-preserve-unknown-fields")
    if known and not keeps and not isinstance(extra, Mapping):
        for key in sorted(value):
            if key not in known:
                return f"{path}.{key}: field not declared in schema"
    for key, child in sorted(value.items()):
        below = known.get(key) or (extra if isinstance(extra, Mapping) else {})
        if problem := _check(child, below, f"{path}.{key}"):
            return problem
    return ""
