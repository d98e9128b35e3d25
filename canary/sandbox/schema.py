"""Structural schemas of custom resources: defaults, pruning, validation.

After the rules of ``apiextensions.k8s.io/v1``: defaults come first, then unknown fields go unless
the schema keeps them, then the value is checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from canary.sandbox.fielderror import FieldError, invalid, required, unsupported, wrong_type
from canary.sandbox.jsonvalue import thaw
from canary.sandbox.refusal import not_implemented

Schema = Mapping[str, Any]

_KEEP = "x-kubernetes-preserve-unknown-fields"
_RULES = "x-kubernetes-validations"
_MATCHES = re.compile(r"self\.matches\('(.*)'\)")
_NEEDS_PORT = "(size(self.group) == 0 && self.kind == 'Service') ? has(self.port) : true"
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}


def check_rules(schema: Schema) -> None:
    """Refuse CEL rules that aren't known by name, anywhere in ``schema``."""
    for rule in schema.get(_RULES) or ():
        if _rule(rule["rule"]) is None:
            raise not_implemented(f"the validation rule {rule['rule']!r}")
    for child in (schema.get("properties") or {}).values():
        check_rules(child)
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), Mapping):
            check_rules(schema[name])


def _rule(text: str) -> Callable[[Any], bool] | None:
    """What a CEL rule asks of a value; None for a rule that the sandbox doesn't know."""
    found = _MATCHES.fullmatch(text)
    if found:
        pattern = re.compile(found[1].replace("\\\\", "\\"))
        return lambda value: bool(pattern.search(value))
    if text == _NEEDS_PORT:
        return lambda value: (
            value.get("group", "") != "" or value.get("kind") != "Service" or "port" in value
        )
    return None


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


def complaints(value: Any, schema: Schema, path: str) -> Iterator[FieldError]:
    """What is wrong with ``value``, in the words of the API server."""
    if value is None and schema.get("nullable"):
        return
    kind = schema.get("type")
    if schema.get("x-kubernetes-int-or-string"):
        if not isinstance(value, (int, str)) or isinstance(value, bool):
            yield wrong_type(path, value, _must_be("integer,string", value, path))
            return
    elif kind and not _is(value, kind):
        yield wrong_type(path, value, _must_be(kind, value, path))
        return
    if "enum" in schema and value not in schema["enum"]:
        yield unsupported(path, value, schema["enum"])
    yield from _bounds(value, schema, path)
    yield from _choices(value, schema, path)
    for rule in schema.get(_RULES) or ():
        holds = _rule(rule["rule"])
        if holds is not None and not holds(value):
            yield invalid(path, value, rule.get("message") or f"failed rule: {rule['rule']}")
    if isinstance(value, dict):
        yield from _members(value, schema, path)
    elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for index, item in enumerate(value):
            yield from complaints(item, schema["items"], f"{path}[{index}]")


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[kind])


def _must_be(kind: str, value: Any, path: str) -> str:
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer"}
    found = "null" if value is None else names.get(type(value), "number")
    return f'{path} in body must be of type {kind}: "{found}"'


def _bounds(value: Any, schema: Schema, path: str) -> Iterator[FieldError]:
    if isinstance(value, str):
        pattern = schema.get("pattern")
        if pattern and not re.search(pattern, value):
            yield invalid(path, value, f"{path} in body should match '{pattern}'")
        if len(value) > schema.get("maxLength", len(value)):
            most = schema["maxLength"]
            yield invalid(path, value, f"{path} in body should be at most {most} chars long")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if value < schema.get("minimum", value):
            least = schema["minimum"]
            yield invalid(path, value, f"{path} in body should be greater than or equal to {least}")
        if value > schema.get("maximum", value):
            most = schema["maximum"]
            yield invalid(path, value, f"{path} in body should be less than or equal to {most}")
    elif isinstance(value, list) and len(value) > schema.get("maxItems", len(value)):
        most = schema["maxItems"]
        yield invalid(path, value, f"{path} in body should have at most {most} items")


def _choices(value: Any, schema: Schema, path: str) -> Iterator[FieldError]:
    """``oneOf`` and ``anyOf``: how many of the alternatives fit."""
    for keyword, most in (("oneOf", 1), ("anyOf", None)):
        options = schema.get(keyword) or ()
        fitting = sum(not any(complaints(value, o, path)) for o in options)
        if options and (fitting == 0 or (most is not None and fitting > most)):
            one = "one and only one" if keyword == "oneOf" else "at least one"
            yield invalid(path, value, f'"{path}" must validate {one} schema ({keyword})')


def _members(value: dict[str, Any], schema: Schema, path: str) -> Iterator[FieldError]:
    prefix = f"{path}." if path else ""
    for name in schema.get("required") or ():
        if name not in value:
            yield required(f"{prefix}{name}")
    known, extra = schema.get("properties") or {}, schema.get("additionalProperties")
    for name, child in value.items():
        if name in known:
            yield from complaints(child, known[name], f"{prefix}{name}")
        elif isinstance(extra, Mapping):
            yield from complaints(child, extra, f"{prefix}{name}")
