"""Structural schemas of custom resources: defaults and pruning.

After the rules of ``apiextensions.k8s.io/v1``: defaults come first, then unknown fields go unless
the schema keeps them, then the value is checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from canary.sandbox.jsonvalue import thaw

Schema = Mapping[str, Any]

_KEEP = "x-kubernetes-preserve-unknown-fields"


def defaulted(value: Any, schema: Schema) -> Any:
    """``value`` with the schema's defaults in place of absent members."""
    if isinstance(value, dict):
        out = dict(value)
        for name, child in (schema.get("properties") or {}).items():
            if name not in out and "default" in child:
                out[name] = thaw(child["default"])
            if name in out:
                out[name] = defaulted(out[name], child)
        extra = schema.get("additionalProperties")
        if isinstance(extra, Mapping):
            known = schema.get("properties") or {}
            out |= {k: defaulted(v, extra) for k, v in out.items() if k not in known}
        return out
    if isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        return [defaulted(item, schema["items"]) for item in value]
    return value


def pruned(value: Any, schema: Schema, *, top: bool = False) -> Any:
    """``value`` without members that the schema doesn't know; identity and metadata stay."""
    if isinstance(value, dict):
        known, extra = schema.get("properties") or {}, schema.get("additionalProperties")
        out = {}
        for name, child in value.items():
            if top and name in ("apiVersion", "kind", "metadata"):
                out[name] = child
            elif name in known:
                out[name] = pruned(child, known[name])
            elif isinstance(extra, Mapping):
                out[name] = pruned(child, extra)
            elif extra is True or schema.get(_KEEP):
                out[name] = child
        return out
    if isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        return [pruned(item, schema["items"]) for item in value]
    return value


def children(value: Any, schema: Schema, path: str) -> Iterator[tuple[Any, Schema, str]]:
    """Members and items, with their schemas and paths."""
    if isinstance(value, dict):
        prefix = f"{path}." if path else ""
        known, extra = schema.get("properties") or {}, schema.get("additionalProperties")
        for name, child in value.items():
            if name in known:
                yield child, known[name], f"{prefix}{name}"
            elif isinstance(extra, Mapping):
                yield child, extra, f"{prefix}{name}"
    elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for index, item in enumerate(value):
            yield item, schema["items"], f"{path}[{index}]"
