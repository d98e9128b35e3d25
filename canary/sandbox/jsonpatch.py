"""JSON Patch (RFC 6902) and JSON merge patch (RFC 7386)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from canary.sandbox.jsonvalue import same, thaw
from canary.sandbox.refusal import bad_request, unprocessable


def json_patch(value: Any, operations: Sequence[Mapping[str, Any]]) -> Any:
    """``value`` after all operations; raises Refused (422) when one doesn't apply."""
    document = {"": thaw(value)}
    for operation in operations:
        _operate(document, operation)
    return document[""]


def _operate(document: dict[str, Any], operation: Mapping[str, Any]) -> None:
    kind, path = operation.get("op"), _pointer(operation.get("path"))
    if kind in ("move", "copy"):
        source = _pointer(operation.get("from"))
        value = thaw(_read(document, source))
        if kind == "move":
            _remove(document, source)
        _add(document, path, value)
        return
    if kind == "add":
        _add(document, path, thaw(operation.get("value")))
    elif kind == "replace":
        _set(document, path, thaw(operation.get("value")))
    elif kind == "remove":
        _remove(document, path)
    elif kind == "test":
        parent = _read(document, path[:-1])
        absent = isinstance(parent, dict) and path[-1] not in parent
        found = None if absent else _read(parent, path[-1:])
        if not same(found, operation.get("value")):
            raise unprocessable()
    else:
        raise unprocessable()


def _pointer(text: Any) -> list[str]:
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise unprocessable()
    return ["", *(p.replace("~1", "/").replace("~0", "~") for p in text.split("/")[1:])]


def _read(document: Any, path: Sequence[str]) -> Any:
    here = document
    for part in path:
        here = here[_place(here, part)]
    return here


def _place(here: Any, part: str, *, end: bool = False) -> Any:
    """The key or index that ``part`` means in ``here``; raises Refused when there is none."""
    if isinstance(here, dict):
        if part not in here and not end:
            raise unprocessable()
        return part
    if isinstance(here, list):
        if part == "-" and end:
            return len(here)
        if part.isdigit() and int(part) < len(here) + end:
            return int(part)
    raise unprocessable()


def _add(document: Any, path: Sequence[str], value: Any) -> None:
    parent = _read(document, path[:-1])
    place = _place(parent, path[-1], end=True)
    if isinstance(parent, list):
        parent.insert(place, value)
    else:
        parent[place] = value


def _set(document: Any, path: Sequence[str], value: Any) -> None:
    """Put a value in place of another one; the server takes an absent member for one, too."""
    parent = _read(document, path[:-1])
    parent[_place(parent, path[-1], end=isinstance(parent, dict))] = value


def _remove(document: Any, path: Sequence[str]) -> None:
    parent = _read(document, path[:-1])
    del parent[_place(parent, path[-1])]


def merge_patch(value: Any, patch: Any) -> Any:
    """``value`` with ``patch`` merged in: null removes, maps are merged, the rest replaces."""
    if not isinstance(patch, Mapping):
        return thaw(patch)
    out = dict(value) if isinstance(value, Mapping) else {}
    for name, child in patch.items():
        if child is None:
            out.pop(name, None)
        else:
            out[name] = merge_patch(out.get(name), child)
    return out


def operations(body: Any) -> list[Mapping[str, Any]]:
    """The operations in a decoded body; raises Refused when it isn't a list of objects."""
    if not isinstance(body, list) or not all(isinstance(item, Mapping) for item in body):
        found = "object" if isinstance(body, Mapping) else "value"
        raise bad_request(
            f"error decoding patch: json: cannot unmarshal {found} into Go value of type "
            "[]handlers.jsonPatchOp"
        )
    return body
