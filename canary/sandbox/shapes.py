"""The shape of objects, as far as merging needs it: which lists have keys, what is atomic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True)
class Shape:
    """How a value is merged and owned.

    Maps are merged member by member unless ``atomic``; lists are atomic unless they have ``keys``
    (a list of objects, identified by these members) or are a ``unique`` set of scalars. ``others``
    is the shape of members that ``fields`` doesn't name; ``named`` tells whether such members
    count as fields of a struct (whose ownership follows that of their children) or as entries of
    a map.

    Strategic merge patches merge lists that are ``patch_merge``, items by their ``patch_key``
    (none: items are scalars).
    """

    fields: Mapping[str, Shape] = field(default_factory=dict)
    others: Shape | None = None
    named: bool = True
    atomic: bool = False
    keys: tuple[str, ...] = ()
    key_defaults: Mapping[str, Any] = field(default_factory=dict)
    unique: bool = False
    item: Shape | None = None
    patch_merge: bool = False
    patch_key: str = ""

    def member(self, name: str) -> Shape:
        """Shape of the member of a map."""
        return self.fields.get(name) or self.others or PLAIN

    def is_field(self, name: str) -> bool:
        """Whether a member is a struct's field rather than a map's entry."""
        return name in self.fields or self.named

    def element(self) -> Shape:
        """Shape of the items of a list."""
        return self.item or PLAIN

    def key_of(self, item: Any, where: str = "") -> str:
        """Path element of an item: ``k:{...}`` or ``v:...``; raises KeyError without its keys."""
        if self.unique:
            return "v:" + orjson.dumps(item).decode()
        values = {}
        for key in self.keys:
            if not isinstance(item, dict) or (key not in item and key not in self.key_defaults):
                raise KeyError(
                    f"{where}: associative list with keys has an element that omits key field "
                    f'"{key}" (and doesn\'t have default value)'
                )
            values[key] = item.get(key, self.key_defaults.get(key))
        return "k:" + orjson.dumps(values, option=orjson.OPT_SORT_KEYS).decode()


PLAIN = Shape()
"""Of anything that isn't described: maps are merged, lists are replaced."""

ATOMIC = Shape(atomic=True)
