"""Sets of fields, in the encoding of ``managedFields`` (FieldsV1).

A path is a tuple of elements: ``f:name`` a member, ``k:{...}`` a list item by its keys, ``v:...``
a list item by its value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import orjson

Path = tuple[str, ...]
Fields = frozenset[Path]

EMPTY: Fields = frozenset()


@lru_cache(maxsize=4096)
def encode(fields: Fields) -> dict[str, Any]:
    """FieldsV1 of a set: a ``.`` marks an element that is owned beside its children.

    The answer is shared, as everything that is stored: never change it.
    """
    tree: dict[str, Any] = {}
    for path in sorted(fields):
        node = tree
        for element in path:
            node = node.setdefault(element, {})
        node["."] = {}
    return _without_leaf_marks(tree)


def _without_leaf_marks(node: dict[str, Any]) -> dict[str, Any]:
    if list(node) == ["."]:
        return {}
    return {key: child if key == "." else _without_leaf_marks(child) for key, child in node.items()}


def decode(tree: Mapping[str, Any]) -> Fields:
    """The set in a FieldsV1."""
    found: set[Path] = set()
    _collect(tree, (), found)
    return frozenset(found)


def _collect(node: Mapping[str, Any], path: Path, found: set[Path]) -> None:
    for element, child in node.items():
        if element == ".":
            found.add(path)
        elif not child:
            found.add((*path, element))
        else:
            _collect(child, (*path, element), found)


def text(path: Path) -> str:
    """A path as conflict messages spell it: ``.spec.containers[name="app"].image``."""
    out = ""
    for element in path:
        kind, _, value = element.partition(":")
        if kind == "f":
            out += f".{value}"
        elif kind == "k":
            keys = orjson.loads(value)
            pairs = (f"{key}={orjson.dumps(keys[key]).decode()}" for key in sorted(keys))
            out += f"[{','.join(pairs)}]"
        else:
            out += f"[={value}]"
    return out


def under(fields: Fields, top: str) -> Fields:
    """Those below one top-level member."""
    return frozenset(path for path in fields if path[0] == f"f:{top}")


def prefixes(fields: Iterable[Path]) -> set[Path]:
    """The paths and everything above them."""
    return {path[:end] for path in fields for end in range(1, len(path) + 1)}
