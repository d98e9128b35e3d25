"""Merging, comparing and pruning values by their shape, as server-side apply does.

After structured-merge-diff: https://github.com/kubernetes-sigs/structured-merge-diff.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from canary.sandbox.fieldsets import Fields, Path
from canary.sandbox.shapes import Shape

ABSENT: Any = object()


@dataclass(slots=True)
class Comparison:
    """What differs between two values."""

    added: set[Path] = field(default_factory=set)
    modified: set[Path] = field(default_factory=set)
    removed: set[Path] = field(default_factory=set)


def leaves(value: Any, shape: Shape) -> Fields:
    """The fields that a configuration sets."""
    found: set[Path] = set()
    _leaves(value, shape, (), found)
    return frozenset(found)


def _leaves(value: Any, shape: Shape, path: Path, found: set[Path]) -> None:
    if isinstance(value, dict) and not shape.atomic:
        for name, child in value.items():
            below = (*path, f"f:{name}")
            _leaves(child, shape.member(name), below, found)
            if child is None or child == {} or not shape.is_field(name):
                found.add(below)
    elif isinstance(value, list) and is_granular(shape):
        for item in value:
            below = (*path, shape.key_of(item, _where(path)))
            _leaves(item, shape.element(), below, found)
            found.add(below)
    elif path:
        found.add(path)


def is_granular(shape: Shape) -> bool:
    """Whether lists of this shape are merged item by item."""
    return bool(shape.keys or shape.unique) and not shape.atomic


def _where(path: Path) -> str:
    return "." + ".".join(element.removeprefix("f:") for element in path)


def compare(old: Any, new: Any, shape: Shape) -> Comparison:
    """Fields added, modified and removed from ``old`` to ``new``."""
    out = Comparison()
    _compare(old, new, shape, (), out)
    return out


def _compare(old: Any, new: Any, shape: Shape, path: Path, out: Comparison) -> None:
    if _alike(old, new):
        return
    present = new if new is not ABSENT else old
    other = old if new is not ABSENT else new
    alike = other is ABSENT or type(old) is type(new)
    if isinstance(present, dict) and alike and not shape.atomic and (old or new):
        for name in _names(old, new):
            one, two = _get(old, name), _get(new, name)
            if not _alike(one, two):  # most are, and need no path
                _compare(one, two, shape.member(name), (*path, f"f:{name}"), out)
    elif isinstance(present, list) and alike and is_granular(shape):
        before, after = _items(old, shape, path), _items(new, shape, path)
        for element in dict.fromkeys([*before, *after]):
            below = (*path, element)
            one, two = before.get(element, ABSENT), after.get(element, ABSENT)
            _compare(one, two, shape.element(), below, out)
    elif path and old is not ABSENT and new is not ABSENT:
        out.modified.add(path)
    if path and old is ABSENT:
        out.added.add(path)
    elif path and new is ABSENT:
        out.removed.add(path)


def _alike(old: Any, new: Any) -> bool:
    return old is new or (type(old) is type(new) and old == new)


def _names(*values: Any) -> Iterator[str]:
    seen = {name: None for value in values if isinstance(value, dict) for name in value}
    return iter(seen)


def _get(value: Any, name: str) -> Any:
    return value.get(name, ABSENT) if isinstance(value, dict) else ABSENT


def _items(value: Any, shape: Shape, path: Path) -> dict[str, Any]:
    if not isinstance(value, list):
        return {}
    return {shape.key_of(item, _where(path)): item for item in value}


def merge(live: Any, config: Any, shape: Shape) -> Any:
    """``live`` with ``config`` laid over it."""
    if isinstance(config, dict) and isinstance(live, dict) and not shape.atomic:
        out = dict(live)
        for name, child in config.items():
            out[name] = merge(out.get(name, ABSENT), child, shape.member(name))
        return out
    if isinstance(config, list) and isinstance(live, list) and is_granular(shape):
        return _merge_items(live, config, shape)
    return config


def _merge_items(live: list[Any], config: list[Any], shape: Shape) -> list[Any]:
    """Items in the order of ``config``; those that only ``live`` has keep their place among it."""
    before = {shape.key_of(item): item for item in live}
    after = {shape.key_of(item): item for item in config}
    left, right = list(before), list(after)
    shared = [key for key in right if key in before]
    out: list[Any] = []

    def take(key: str) -> None:
        out.append(merge(before.get(key, ABSENT), after[key], shape.element()))
        if shared and shared[0] == key:
            shared.pop(0)

    while left or right:
        if left and right and left[0] == right[0]:
            take(right.pop(0))
            left.pop(0)
        elif left and right and left[0] in after and shared and shared[0] != left[0]:
            left.pop(0)
        elif left and left[0] not in after:
            out.append(before[left.pop(0)])
        elif right:
            take(right.pop(0))
        else:
            left.pop(0)
    return out


def remove(value: Any, doomed: Iterable[Path], shape: Shape) -> Any:
    """``value`` without the given fields and items; a map or list emptied by it goes too."""
    tree: dict[str, Any] = {}
    for path in doomed:
        node = tree
        for element in path:
            node = node.setdefault(element, {})
        node[""] = True
    return _remove(value, tree, shape)


def _remove(value: Any, tree: dict[str, Any], shape: Shape) -> Any:
    if isinstance(value, dict):
        pairs = [(name, f"f:{name}", shape.member(name), child) for name, child in value.items()]
        kept = dict(_kept(pairs, tree))
        return kept if kept or not value else ABSENT
    if isinstance(value, list) and is_granular(shape):
        rows = [("", shape.key_of(item), shape.element(), item) for item in value]
        items = [child for _, child in _kept(rows, tree)]
        return items if items or not value else ABSENT
    return value


def _kept(
    rows: list[tuple[str, str, Shape, Any]], tree: dict[str, Any]
) -> Iterator[tuple[str, Any]]:
    for name, element, shape, child in rows:
        node = tree.get(element)
        if node is None:
            yield name, child
        elif "" not in node:
            left = _remove(child, node, shape)
            if left is not ABSENT:
                yield name, left


def with_named_parents(fields: Iterable[Path], shape: Shape) -> set[Path]:
    """The fields, and the structs above them: a struct is owned by whom its fields belong to."""
    out: set[Path] = set()
    for path in fields:
        out.add(path)
        here = shape
        for end, element in enumerate(path[:-1], 1):
            name = element.removeprefix("f:")
            if element.startswith("f:"):
                if here.is_field(name):
                    out.add(path[:end])
                here = here.member(name)
            else:
                here = here.element()
    return out
