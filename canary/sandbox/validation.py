"""Validation of custom resources by their schema, in the words of the API server."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from canary.sandbox.fielderror import (
    FieldError,
    invalid,
    required,
    too_long,
    too_many,
    unsupported,
    wrong_type,
)
from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.rules import broken_rules, has_rules
from canary.sandbox.schema import Schema, children

_BLOCKING = frozenset(
    (
        "FieldValueNotSupported",
        "FieldValueRequired",
        "FieldValueTooLong",
        "FieldValueTooMany",
        "FieldValueTypeInvalid",
    )
)
"""Reasons after which the rules aren't looked at."""
_UNCHECKED = (
    "some validation rules were not checked because the object was invalid; "
    "correct the existing errors to complete validation"
)
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}


def violations(obj: JsonObj, schema: Schema) -> list[FieldError]:
    """What is wrong with a custom resource, in the words of the API server."""
    body = {k: v for k, v in obj.items() if k not in ("apiVersion", "kind", "metadata")}
    required_ = [name for name in schema.get("required") or () if name not in obj]
    found = [
        *complaints(body, {**schema, "required": ()}, ""),
        *(required(name) for name in required_),
    ]
    if any(error.reason in _BLOCKING for error in found):
        if has_rules(schema):
            found.append(invalid("<nil>", None, _UNCHECKED))
        return found
    return [*found, *broken_rules(body, schema, "")]


def complaints(value: Any, schema: Schema, path: str) -> Iterator[FieldError]:
    """What a value misses of its schema, but for the rules in it."""
    if value is None and schema.get("nullable"):
        return
    kind, fits = schema.get("type"), True
    if schema.get("x-kubernetes-int-or-string"):
        fits = isinstance(value, (int, str)) and not isinstance(value, bool)
        kind = "integer,string"
    elif kind:
        fits = _is(value, kind)
    if not fits:
        yield wrong_type(
            path, _found(value), f'{path} in body must be of type {kind}: "{_found(value)}"'
        )
    if "enum" in schema and value not in schema["enum"]:
        yield unsupported(path, value, schema["enum"])
    if not fits:
        return
    yield from _choices(value, schema, path)
    yield from _bounds(value, schema, path)
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


def _found(value: Any) -> str:
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer"}
    return "null" if value is None else names.get(type(value), "number")


def _bounds(value: Any, schema: Schema, path: str) -> Iterator[FieldError]:
    if isinstance(value, str):
        pattern = schema.get("pattern")
        if pattern and not re.search(pattern, value):
            yield invalid(path, value, f"{path} in body should match '{pattern}'")
        if len(value) > schema.get("maxLength", len(value)):
            yield too_long(path, schema["maxLength"])
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if value < schema.get("minimum", value):
            least = schema["minimum"]
            yield invalid(path, value, f"{path} in body should be greater than or equal to {least}")
        if value > schema.get("maximum", value):
            most = schema["maximum"]
            yield invalid(path, value, f"{path} in body should be less than or equal to {most}")
    elif isinstance(value, list) and len(value) > schema.get("maxItems", len(value)):
        yield too_many(path, len(value), schema["maxItems"])


def _choices(value: Any, schema: Schema, path: str) -> Iterator[FieldError]:
    """``not``; ``oneOf`` and ``anyOf``: how many of the alternatives fit, what the nearest one
    misses."""
    if "not" in schema and not any(complaints(value, schema["not"], path)):
        yield invalid("<nil>", "", f'"{path}" must not validate the schema (not)')
    for keyword, most in (("oneOf", 1), ("anyOf", None)):
        failures = [list(complaints(value, option, path)) for option in schema.get(keyword) or ()]
        fitting = sum(not errors for errors in failures)
        if not failures or (fitting and (most is None or fitting <= most)):
            continue
        if keyword == "oneOf":
            count = f"Found {fitting} valid alternatives" if fitting else "Found none valid"
            text = f'"{path}" must validate one and only one schema (oneOf). {count}'
        else:
            text = f'"{path}" must validate at least one schema (anyOf)'
        yield invalid("<nil>", "", text)
        if not fitting:
            yield from min(failures, key=len)


def _members(value: dict[str, Any], schema: Schema, path: str) -> Iterator[FieldError]:
    for child, below, where in children(value, schema, path):
        yield from complaints(child, below, where)
    prefix = f"{path}." if path else ""
    for name in schema.get("required") or ():
        if name not in value:
            yield required(f"{prefix}{name}")
