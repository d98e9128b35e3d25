"""Validation rules (CEL) in schemas: the few that the sandbox knows, by their text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from canary.sandbox.fielderror import FieldError, broken_rule
from canary.sandbox.refusal import not_implemented
from canary.sandbox.schema import Schema, children

_RULES = "x-kubernetes-validations"
_MATCHES = re.compile(r"self\.matches\('(.*)'\)")
_NEEDS_PORT = "(size(self.group) == 0 && self.kind == 'Service') ? has(self.port) : true"
_RISES = (
    "self.size() > 0 && self.map(s, s.weight).isSorted() && "
    "self.all(a, self.exists_one(b, b.weight == a.weight))"
)


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
    if text == _RISES:
        return _rises
    return None


def _rises(steps: Any) -> bool:
    """Whether there are steps, and each has more weight than the one before."""
    weights = [step["weight"] for step in steps]
    return bool(weights) and weights == sorted(set(weights))


def has_rules(schema: Any) -> bool:
    """Whether there is a rule anywhere in a schema."""
    if isinstance(schema, Mapping):
        return _RULES in schema or any(has_rules(child) for child in schema.values())
    return isinstance(schema, list) and any(has_rules(child) for child in schema)


def broken_rules(value: Any, schema: Schema, path: str) -> Iterator[FieldError]:
    """Complaints of the rules about a value, at every depth."""
    for rule in schema.get(_RULES) or ():
        holds = _rule(rule["rule"])
        if holds is not None and not holds(value):
            yield broken_rule(path, value, rule.get("message") or f"failed rule: {rule['rule']}")
    for child, below, where in children(value, schema, path):
        yield from broken_rules(child, below, where)
