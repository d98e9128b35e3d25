"""Reading what people ask for by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from canary.api.annotations import INTENT
from canary.kube.resources import Obj
from canary.rollout.intent import Action, Request

_ACCEPTED = ", ".join(action.value for action in Action)
_LONGEST = 256


def request(obj: Obj) -> Request | None:
    """The request that the annotations of a Canary hold; None without one.

    Who made it is what the text says (our command line does), else the field manager that wrote
    the annotation; when, likewise.
    """
    meta = obj["metadata"]
    text = (meta.get("annotations") or {}).get(INTENT)
    if not isinstance(text, str) or not text.strip():
        return None
    manager, at = _written(meta)
    try:
        found = _parsed(text.strip())
    except ValueError as error:
        return Request(text, None, manager, at=at, problem=f"annotation {INTENT}: {error}")
    return Request(
        text,
        Action(found["action"]),
        by=_text(found, "by") or manager,
        reason=_text(found, "reason"),
        at=at,
    )


def _parsed(text: str) -> Mapping[str, Any]:
    """Raises ValueError that says what is accepted."""
    found: Any = {"action": text}
    if text.startswith("{"):
        try:
            found = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"{text[:_LONGEST]!r} is no JSON: {error}") from error
    action = found.get("action")
    if action not in tuple(Action):
        raise ValueError(f"{str(action)[:_LONGEST]!r} is no action: accepted are {_ACCEPTED}")
    return dict(found)


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return value[:_LONGEST] if isinstance(value, str) else ""


def _written(meta: Mapping[str, Any]) -> tuple[str, str]:
    """Who wrote the annotation, and when, as far as managed fields tell."""
    for entry in meta.get("managedFields") or ():
        fields = (entry.get("fieldsV1") or {}).get("f:metadata") or {}
        if f"f:{INTENT}" in (fields.get("f:annotations") or {}):
            return str(entry.get("manager") or ""), str(entry.get("time") or "")
    return "", ""
