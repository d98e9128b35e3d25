"""Strategic merge patch: merge patch that knows which lists have keys.

After https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from canary.sandbox.jsonvalue import JsonObj, thaw
from canary.sandbox.refusal import Refused, bad_request
from canary.sandbox.shapes import Shape

_DIRECTIVE = "$patch"
_RETAIN = "$retainKeys"
_DELETE = "$deleteFromPrimitiveList/"
_ORDER = "$setElementOrder/"


def strategic_patch(live: JsonObj, patch: Any, shape: Shape) -> JsonObj:
    """``live`` with ``patch`` merged in; raises Refused when the patch is malformed."""
    if not isinstance(patch, dict):
        found = "array" if isinstance(patch, list) else type(patch).__name__
        raise bad_request(
            f"json: cannot unmarshal {found} into Go value of type map[string]interface {{}}"
        )
    merged: JsonObj = _map(live, patch, shape)
    return merged


def _map(live: Any, patch: Mapping[str, Any], shape: Shape) -> Any:
    directive = patch.get(_DIRECTIVE)
    if directive == "replace":
        return {key: thaw(child) for key, child in patch.items() if key != _DIRECTIVE}
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise Refused(500, "", f"unknown patch type: {directive} in map: {_shown(patch)}")
    out = dict(live) if isinstance(live, Mapping) else {}
    if _RETAIN in patch:
        out = {key: child for key, child in out.items() if key in patch[_RETAIN]}
    for key in patch:
        if key.startswith(_DELETE):
            name = key.removeprefix(_DELETE)
            out[name] = [one for one in out.get(name) or () if one not in patch[key]]
    for key, child in patch.items():
        if key.startswith(_ORDER) and key.removeprefix(_ORDER) not in patch:
            name = key.removeprefix(_ORDER)
            out[name] = _items(out.get(name) or [], [], child, shape.member(name))
        elif not key.startswith("$"):
            _member(out, key, child, patch.get(f"{_ORDER}{key}"), shape.member(key))
    return out


def _member(out: JsonObj, key: str, child: Any, order: Any, shape: Shape) -> None:
    if child is None:
        out.pop(key, None)
    elif isinstance(child, dict):
        out[key] = _map(out.get(key), child, shape)
    elif isinstance(child, list) and shape.patch_merge:
        out[key] = _items(out.get(key) or [], child, order, shape)
    else:
        out[key] = thaw(child)


def _items(live: Sequence[Any], patch: Sequence[Any], order: Any, shape: Shape) -> list[Any]:
    if not shape.patch_key:
        merged = [*live, *(one for one in patch if one not in live)]
        return _ordered(merged, live, order or patch, shape)
    if any(isinstance(one, dict) and one == {_DIRECTIVE: "replace"} for one in patch):
        return [thaw(one) for one in patch if one != {_DIRECTIVE: "replace"}]
    out = list(live)
    for one in patch:
        value = _key(one, shape)
        places = [i for i, item in enumerate(out) if item.get(shape.patch_key) == value]
        if one.get(_DIRECTIVE) == "delete":
            out = [item for item in out if item.get(shape.patch_key) != value]
        elif places:
            out[places[0]] = _map(out[places[0]], one, shape.element())
        else:
            out.append(_map({}, one, shape.element()))
    return _ordered(out, live, order or patch, shape)


def _key(item: Any, shape: Shape) -> Any:
    if not isinstance(item, dict) or shape.patch_key not in item:
        # The server answers so, with 500 and without a reason.
        text = f"map: {_shown(item)} does not contain declared merge key: {shape.patch_key}"
        raise Refused(500, "", text)
    return item[shape.patch_key]


def _shown(item: Any) -> str:
    """A value as Go prints maps."""
    if isinstance(item, Mapping):
        return f"map[{' '.join(f'{key}:{_shown(item[key])}' for key in sorted(item))}]"
    return str(item)


def _ordered(
    merged: list[Any], live: Sequence[Any], order: Sequence[Any], shape: Shape
) -> list[Any]:
    """Items that the patch names in its order; others before those that they stood before."""

    def identity(item: Any) -> Any:
        return item.get(shape.patch_key) if shape.patch_key else item

    wanted = [identity(one) for one in order]
    before = [identity(one) for one in live]
    named = sorted(
        (one for one in merged if identity(one) in wanted),
        key=lambda one: wanted.index(identity(one)),
    )
    others = [one for one in merged if identity(one) not in wanted]
    out: list[Any] = []
    while named and others:
        left, right = identity(others[0]), identity(named[0])
        known = left in before and right in before
        first = known and before.index(left) < before.index(right)
        out.append((others if first else named).pop(0))
    return out + others + named
