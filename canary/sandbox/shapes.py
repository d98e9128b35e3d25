"""The shape of objects, as far as merging needs it: which lists have keys, what is atomic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    a map. ``patch_key`` identifies items in strategic merge patches where that differs.
    """

    fields: Mapping[str, Shape] = field(default_factory=dict)
    others: Shape | None = None
    named: bool = True
    atomic: bool = False
    keys: tuple[str, ...] = ()
    key_defaults: Mapping[str, Any] = field(default_factory=dict)
    unique: bool = False
    item: Shape | None = None
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


def keyed(*keys: str, item: Shape = PLAIN, patch_key: str = "", **defaults: Any) -> Shape:
    """A list of objects identified by ``keys``."""
    return Shape(keys=keys, item=item, patch_key=patch_key or keys[0], key_defaults=defaults)


def struct(**fields: Shape) -> Shape:
    """A struct of which some fields need a description."""
    return Shape(fields=fields)


def with_atomic(names: Sequence[str]) -> Shape:
    """A struct of which some fields are atomic."""
    return Shape(fields=dict.fromkeys(names, ATOMIC))


UNIQUE = Shape(unique=True)

METADATA = struct(
    finalizers=UNIQUE,
    ownerReferences=keyed("uid", item=ATOMIC),
    managedFields=ATOMIC,
)

_ENV_VALUE = with_atomic(["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef"])
_CONTAINER = struct(
    env=keyed("name", item=struct(valueFrom=_ENV_VALUE)),
    ports=keyed("containerPort", "protocol", patch_key="containerPort", protocol="TCP"),
    volumeMounts=keyed("mountPath"),
    volumeDevices=keyed("devicePath"),
)
_POD_SPEC = struct(
    containers=keyed("name", item=_CONTAINER),
    initContainers=keyed("name", item=_CONTAINER),
    ephemeralContainers=keyed("name", item=_CONTAINER),
    volumes=keyed("name"),
    imagePullSecrets=keyed("name", item=ATOMIC),
    hostAliases=keyed("ip"),
    topologySpreadConstraints=keyed("topologyKey", "whenUnsatisfiable"),
    nodeSelector=ATOMIC,
)
_TEMPLATE = struct(metadata=METADATA, spec=_POD_SPEC)
_CONDITIONS = struct(conditions=keyed("type"))

WORKLOAD = struct(
    metadata=METADATA,
    spec=struct(selector=ATOMIC, template=_TEMPLATE),
    status=_CONDITIONS,
)
POD = struct(metadata=METADATA, spec=_POD_SPEC, status=_CONDITIONS)
SERVICE = struct(
    metadata=METADATA,
    spec=struct(
        ports=keyed("port", "protocol", patch_key="port", protocol="TCP"),
        selector=ATOMIC,
    ),
    status=_CONDITIONS,
)
REVISION = struct(metadata=METADATA, data=ATOMIC)
EVENT = struct(metadata=METADATA, involvedObject=ATOMIC, related=ATOMIC)
FLAT = struct(metadata=METADATA, status=_CONDITIONS)
"""Of kinds without any list that has keys."""
