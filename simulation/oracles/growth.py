"""How much a process of the engine remembers: nothing in it may grow with every release."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from typing import Any

_HOLDERS = (dict, list, set, deque)
_OURS = ("canary.", "analysis.", "providers.")


def sizes(root: Any) -> Counter[str]:
    """Number of entries in each container that ``root`` holds on to, by its place."""
    found: Counter[str] = Counter()
    seen: set[int] = set()
    todo = [(type(root).__name__, root)]
    while todo:
        place, value = todo.pop()
        if id(value) in seen or isinstance(value, asyncio.Task):
            continue
        seen.add(id(value))
        if isinstance(value, _HOLDERS):
            found[place] += len(value)
        todo += [(f"{place}.{name}", child) for name, child in _parts(value)]
    return found


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        if not (value and all(isinstance(key, str) for key in value)):
            # Kubernetes objects are somebody else's data: only tables of our own are looked into.
            yield from (("*", child) for child in value.values())
    elif isinstance(value, (list, tuple, set, frozenset, deque)):
        yield from (("*", child) for child in value)
    elif type(value).__module__.startswith(_OURS):
        names = list(getattr(value, "__dict__", {}))
        for kind in type(value).__mro__:
            names += getattr(kind, "__slots__", ())
        yield from ((name, getattr(value, name)) for name in names if hasattr(value, name))
