"""Label and field selectors."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    """Requirements on labels that all have to hold."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, metadata: Mapping[str, Any]) -> bool:
        labels = metadata.get("labels") or {}
        return all(one.accepts(labels) for one in self.requirements)


@dataclass(frozen=True, slots=True)
class Selection:
    """What a list or watch is limited to: by labels, and by fields (path, value, negated)."""

    labels: Selector
    fields: tuple[tuple[str, str, bool], ...] = ()

    def matches(self, obj: Mapping[str, Any]) -> bool:
        if not self.labels.matches(obj["metadata"]):
            return False
        return all((_field(obj, path) == value) != no for path, value, no in self.fields)


def _field(obj: Mapping[str, Any], path: str) -> str:
    """The text of a field as selectors compare it; absent ones are empty."""
    if path == "status.podIPs":
        return ",".join(ip["ip"] for ip in (obj.get("status") or {}).get("podIPs") or ())
    if path == "source":
        path = "source.component"
    value: Any = obj
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return {"spec.hostNetwork": "false", "spec.unschedulable": "false"}.get(path, "")
    return str(value)


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


_ALWAYS = ("metadata.name", "metadata.namespace")


def parse_fields(
    text: str, known: Sequence[str] = (), *, strict: bool = False
) -> tuple[tuple[str, str, bool], ...]:
    """``metadata.name=x`` and the like; ``known`` are the fields of the kind beside its name.

    ``strict`` kinds name in their refusal what can be selected.
    """
    out = []
    for part in filter(None, text.split(",")):
        found = _EQUAL.match(part)
        if not found:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{part}'")
        key = found["key"]
        if key not in _ALWAYS and key not in known:
            if strict:
                only = ", ".join(f'"{name}"' for name in _ALWAYS)
                raise bad_request(f'"{key}" is not a known field selector: only {only}')
            raise bad_request(f"field label not supported: {key}")
        out.append((key, found["value"], found["op"] == "!="))
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
