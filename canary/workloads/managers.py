"""Field managers: taking over what Flagger, or our own creation, has written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from canary.workloads.objects import Obj

MANAGER = "canary-engine"
"""Field manager of everything that the engine writes."""
FORMER = "flagger"
"""Field manager of objects that Flagger made."""


def inherits(live: Obj, manager: str = MANAGER) -> bool:
    """Whether fields of ``live`` belong to Flagger, or to a creation of ours."""
    entries = live["metadata"].get("managedFields") or ()
    return any(
        entry.get("manager") in (FORMER, manager)
        and entry.get("operation") == "Update"
        and not entry.get("subresource")
        for entry in entries
    )


def inherited(entries: Sequence[Obj], manager: str) -> list[dict[str, Any]]:
    """``managedFields`` in which all of these are one entry: applied by ``manager``."""
    out: list[dict[str, Any]] = []
    mine: dict[str, Any] | None = None
    for entry in entries:
        plain = not entry.get("subresource")
        ours = (entry.get("manager"), entry.get("operation")) == (manager, "Apply")
        former = entry.get("manager") in (FORMER, manager) and entry.get("operation") == "Update"
        if plain and (ours or former):
            fields = entry.get("fieldsV1") or {}
            if mine is None:
                mine = {**entry, "manager": manager, "operation": "Apply"}
                out.append(mine)
            else:
                mine["fieldsV1"] = _union(mine.get("fieldsV1") or {}, fields)
        else:
            out.append(dict(entry))
    return out


def _union(one: Obj, two: Obj) -> dict[str, Any]:
    merged = dict(one)
    for key, value in two.items():
        merged[key] = _union(merged[key], value) if key in merged else value
    return merged
