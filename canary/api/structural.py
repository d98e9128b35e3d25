"""Structural schemas of Kubernetes, from pydantic models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]

_TAKEN_OVER = frozenset(
    {
        "type",
        "description",
        "required",
        "enum",
        "pattern",
        "format",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "maxItems",
        "oneOf",
        "x-kubernetes-int-or-string",
        "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-validations",
    }
)
_DROPPED = frozenset({"title", "$defs"})


class UnknownKeyword(ValueError):
    """A model says something that this module doesn't know how to put into a CRD."""


def structural(model: type[BaseModel]) -> Schema:
    """The schema of ``model`` without references, null and closedness.

    The API server prunes what a schema doesn't list, and takes null for absent. Raises
    UnknownKeyword rather than lose a rule.
    """
    raw = model.model_json_schema(by_alias=True)
    return _node(raw, raw.get("$defs", {}))


def _node(raw: Mapping[str, Any], defs: Mapping[str, Any]) -> Schema:
    node: Schema = {}
    for key, value in _resolved(raw, defs).items():
        if key in _TAKEN_OVER:
            node[key] = _TEXTS.get(key, _as_is)(value)
        elif key == "properties":
            node[key] = {name: _node(child, defs) for name, child in value.items()}
        elif key == "items":
            node[key] = _node(value, defs)
        elif key == "additionalProperties":
            # A truth value only says whether the model is open: pruning decides that here.
            if not isinstance(value, bool):
                node[key] = _node(value, defs)
        elif key == "const":
            node["enum"] = [value]
        elif key == "default":
            # What is absent means null, false or 0 anyway: the API server needn't write it down.
            if value not in (None, False):
                node[key] = value
        elif key not in _DROPPED:
            raise UnknownKeyword(f"{key} in the schema of {raw.get('title', raw)}")
    return node


def _resolved(raw: Mapping[str, Any], defs: Mapping[str, Any]) -> Mapping[str, Any]:
    """``raw`` with the schema that it refers to, or the one that it has beside null."""
    rest = {key: value for key, value in raw.items() if key not in ("$ref", "anyOf")}
    if "$ref" in raw:
        return _resolved({**defs[raw["$ref"].removeprefix("#/$defs/")], **rest}, defs)
    if "anyOf" not in raw or "x-kubernetes-int-or-string" in raw:
        return rest
    branches = [branch for branch in raw["anyOf"] if branch.get("type") != "null"]
    if len(branches) != 1:
        raise UnknownKeyword(f"anyOf of several types in the schema of {raw.get('title', raw)}")
    return _resolved({**branches[0], **rest}, defs)


def _as_is(value: Any) -> Any:
    return value


def _unmarked(text: str) -> str:
    """A docstring for readers of ``kubectl explain``, who see no markup."""
    return " ".join(text.replace("``", "").split())


_TEXTS: Mapping[str, Callable[[Any], Any]] = {"description": _unmarked}
