"""Who owns which field: ``metadata.managedFields``, and the rules of server-side apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from canary.sandbox.applied import untyped
from canary.sandbox.fieldsets import EMPTY, Fields, Path, decode, encode, text
from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.merge import compare, leaves, merge, remove, with_named_parents
from canary.sandbox.refusal import Refused
from canary.sandbox.shapes import Shape

APPLY, UPDATE = "Apply", "Update"
BEFORE_FIRST_APPLY = "before-first-apply"

_SERVER_FIELDS: frozenset[Path] = frozenset(
    {("f:apiVersion",), ("f:kind",), ("f:metadata",)}
    | {
        ("f:metadata", f"f:{name}")
        for name in (
            "name",
            "namespace",
            "creationTimestamp",
            "uid",
            "generation",
            "managedFields",
            "resourceVersion",
        )
    }
)


class Manager(NamedTuple):
    """Identity of a field manager. An applier is the same whatever version it applies with."""

    name: str
    operation: str = UPDATE
    api_version: str = ""
    subresource: str = ""

    def __str__(self) -> str:
        out = f'"{self.name}"'
        if self.subresource:
            out += f' with subresource "{self.subresource}"'
        return f"{out} using {self.api_version}" if self.operation == UPDATE else out


class Owned(NamedTuple):
    """What a manager owns, in which version it said so, and when it last changed that."""

    fields: Fields
    api_version: str
    time: str


Managers = Mapping[Manager, Owned]


def read_managers(entries: Sequence[Mapping[str, Any]]) -> dict[Manager, Owned]:
    """The managers in a ``managedFields`` list."""
    found: dict[Manager, Owned] = {}
    for entry in entries:
        operation, version = entry.get("operation", ""), entry.get("apiVersion", "")
        manager = Manager(
            entry.get("manager", ""),
            operation,
            version if operation == UPDATE else "",
            entry.get("subresource", ""),
        )
        fields = decode(entry.get("fieldsV1") or {})
        if fields:
            found[manager] = Owned(fields, version, entry.get("time", ""))
    return found


def write_managers(managers: Managers) -> list[JsonObj]:
    """The ``managedFields`` list: appliers first, then by time and name."""

    def order(manager: Manager) -> tuple[str, str, Manager]:
        return manager.operation, managers[manager].time, manager

    entries = []
    for manager in sorted(managers, key=order):
        owned = managers[manager]
        entry: JsonObj = {
            "manager": manager.name,
            "operation": manager.operation,
            "apiVersion": owned.api_version,
            "time": owned.time,
            "fieldsType": "FieldsV1",
            "fieldsV1": encode(owned.fields),
        }
        if manager.subresource:
            entry["subresource"] = manager.subresource
        entries.append(entry)
    return entries


def after_update(
    managers: Managers, old: JsonObj, new: JsonObj, shape: Shape, writer: Manager, now: str
) -> dict[Manager, Owned]:
    """Managers after ``writer`` replaced ``old`` by ``new``: it takes what it changed."""
    changes = compare(old, new, shape)
    taken = frozenset((changes.added | changes.modified) - _SERVER_FIELDS)
    out = _without(managers, taken | changes.removed)
    if taken:
        before = out[writer].fields if writer in out else EMPTY
        out[writer] = Owned(before | taken, writer.api_version, now)
    return out


def after_apply(
    managers: Managers,
    live: JsonObj,
    config: JsonObj,
    shape: Shape,
    applier: Manager,
    *,
    api_version: str,
    now: str,
    force: bool,
    within: str = "",
) -> tuple[JsonObj, dict[Manager, Owned]]:
    """The object and its managers after ``applier`` applied ``config``.

    ``within`` limits ownership to one member (``status``); a leading ``!`` to all but that one.
    Raises Refused (409) when others own, with other values, what is applied, unless ``force``.
    """
    if live and not managers:
        everything = compare({}, live, shape).added - _SERVER_FIELDS
        first = Manager(BEFORE_FIRST_APPLY, UPDATE, live.get("apiVersion", api_version))
        managers = {first: Owned(frozenset(everything), first.api_version, now)}
    wanted = _limited(_leaves(config, shape), within)
    last = managers[applier].fields if applier in managers else EMPTY
    held: dict[Manager, Owned] = dict(managers)
    held.pop(applier, None)
    if wanted:
        held[applier] = Owned(wanted, api_version, now)
    merged = _prune(merge(live, config, shape), last, held, shape)
    changes = compare(live, merged, shape)
    taken = (changes.added | changes.modified) - _SERVER_FIELDS
    conflicts = {
        manager: owned.fields & taken
        for manager, owned in held.items()
        if manager != applier and owned.fields & taken
    }
    if conflicts and not force:
        raise _conflict(conflicts)
    others = {manager: owned for manager, owned in held.items() if manager != applier}
    out = _without(others, frozenset(taken) | changes.removed)
    if wanted:
        out[applier] = held[applier]
    return merged, out


def _leaves(config: JsonObj, shape: Shape) -> Fields:
    try:
        return leaves(config, shape) - _SERVER_FIELDS
    except KeyError as error:
        raise untyped(config, error.args[0]) from error


def _limited(fields: Fields, within: str) -> Fields:
    if not within:
        return fields
    top = f"f:{within.removeprefix('!')}"
    return frozenset(path for path in fields if (path[0] == top) != within.startswith("!"))


def _prune(merged: JsonObj, last: Fields, held: Managers, shape: Shape) -> JsonObj:
    """Drop what the applier owned before, sets no more, and nobody else owns."""
    if not last:
        return merged
    owned: set[Path] = set()
    for one in held.values():
        owned |= with_named_parents(one.fields, shape)
    doomed = with_named_parents(last, shape) - owned - _SERVER_FIELDS
    pruned: JsonObj = remove(merged, doomed, shape)
    return pruned


def _without(managers: Managers, lost: frozenset[Path] | set[Path]) -> dict[Manager, Owned]:
    out = {}
    for manager, owned in managers.items():
        left = owned.fields - lost
        if left:
            out[manager] = owned if left == owned.fields else owned._replace(fields=left)
    return out


def _conflict(conflicts: Mapping[Manager, frozenset[Path]]) -> Refused:
    order = sorted(conflicts, key=str)
    rows = [(manager, text(path)) for manager in order for path in sorted(conflicts[manager])]
    causes = [
        {"reason": "FieldManagerConflict", "message": f"conflict with {manager}", "field": path}
        for manager, path in rows
    ]
    if len(rows) == 1:
        manager, path = rows[0]
        message = f"Apply failed with 1 conflict: conflict with {manager}: {path}"
    else:
        lines = []
        for manager in order:
            lines.append(f"conflicts with {manager}:")
            lines += [f"- {path}" for one, path in rows if one == manager]
        message = f"Apply failed with {len(rows)} conflicts: " + "\n".join(lines)
    return Refused(409, "Conflict", message, {"causes": causes})
