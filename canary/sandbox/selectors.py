"""Label and field selectors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from canary.sandbox.refusal import Refused, bad_request

_SET = re.compile(r"^\s*(?P<key>[^\s!=,()]+)\s+(?P<op>in|notin)\s+\((?P<values>[^)]*)\)\s*$")
_EQUAL = re.compile(r"^\s*(?P<key>[^\s!=,()]+)\s*(?P<op>==|!=|=)\s*(?P<value>[^\s!=,()]*)\s*$")
_EXISTS = re.compile(r"^\s*(?P<not>!)?\s*(?P<key>[^\s!=,()]+)\s*$")


@dataclass(frozen=True, slots=True)
class Requirement:
    """``key`` must (or must not) be one of ``values``; without values it must (not) exist."""

    key: str
    values: frozenset[str] | None
    negated: bool = False

    def accepts(self, labels: Mapping[str, str]) -> bool:
        there = self.key in labels
        hit = there if self.values is None else there and labels[self.key] in self.values
        return hit != self.negated


@dataclass(frozen=True, slots=True)
class Selector:
    """Requirements that all have to hold, and optionally one name and one namespace."""

    requirements: tuple[Requirement, ...] = ()
    fields: tuple[tuple[str, str, bool], ...] = field(default=())

    @property
    def everything(self) -> bool:
        return not self.requirements and not self.fields

    def matches(self, metadata: Mapping[str, Any]) -> bool:
        labels = metadata.get("labels") or {}
        if not all(one.accepts(labels) for one in self.requirements):
            return False
        return all((metadata.get(key, "") == value) != no for key, value, no in self.fields)


def parse_labels(text: str) -> tuple[Requirement, ...]:
    """``a=b,c!=d,e in (f,g),!h``; raises Refused (400) for anything else."""
    parts = [part for part in re.split(r",(?![^(]*\))", text) if part.strip()]
    return tuple(_requirement(part, text) for part in parts)


def _requirement(part: str, text: str) -> Requirement:
    if found := _SET.match(part):
        values = frozenset(value.strip() for value in found["values"].split(","))
        return Requirement(found["key"], values, found["op"] == "notin")
    if found := _EQUAL.match(part):
        return Requirement(found["key"], frozenset({found["value"]}), found["op"] == "!=")
    if found := _EXISTS.match(part):
        return Requirement(found["key"], None, bool(found["not"]))
    raise _unparsable(text, part)


def _unparsable(text: str, part: str) -> Refused:
    return bad_request(f"unable to parse requirement: {part.strip()!r} in {text!r}")


def parse_fields(text: str) -> tuple[tuple[str, str, bool], ...]:
    """``metadata.name=x`` and ``metadata.namespace!=y``; nothing else is selectable."""
    out = []
    for part in filter(None, text.split(",")):
        found = _EQUAL.match(part)
        if not found:
            raise bad_request(f"invalid selector: {text!r}; can't understand {part!r}")
        key = found["key"]
        if key not in ("metadata.name", "metadata.namespace"):
            known = 'only "metadata.name", "metadata.namespace"'
            raise bad_request(f'"{key}" is not a known field selector: {known}')
        out.append((key.removeprefix("metadata."), found["value"], found["op"] == "!="))
    return tuple(out)


def label_selector(spec: Mapping[str, Any] | None) -> Selector:
    """A LabelSelector (matchLabels, matchExpressions) as it stands in objects."""
    spec = spec or {}
    wanted = [
        Requirement(key, frozenset({value}))
        for key, value in (spec.get("matchLabels") or {}).items()
    ]
    for expression in spec.get("matchExpressions") or ():
        values = expression.get("values")
        operator = expression["operator"]
        wanted.append(
            Requirement(
                expression["key"],
                None if operator in ("Exists", "DoesNotExist") else frozenset(values or ()),
                operator in ("NotIn", "DoesNotExist"),
            )
        )
    return Selector(tuple(wanted))
