"""Tables: what ``kubectl get`` shows, as the server lays it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from canary.sandbox.columns import COLUMNS, Column
from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.kind import Kind
from canary.sandbox.printed import age, at_path

_NAME = Column("Name", lambda obj, now: obj["metadata"]["name"])
_CREATED = Column("Created At", lambda obj, now: obj["metadata"].get("creationTimestamp"), "date")
_AGE = Column("Age", lambda obj, now: age(obj["metadata"].get("creationTimestamp"), now))


def table(
    kind: Kind,
    objs: Sequence[JsonObj],
    meta: Mapping[str, Any],
    now: datetime,
    *,
    include: str = "Metadata",
    headed: bool = True,
) -> JsonObj:
    """Rows for ``objs``; ``headed``: with the definitions of the columns."""
    columns = _columns(kind)
    definitions = [column.definition() for column in columns]
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": dict(meta),
        "columnDefinitions": definitions if headed else None,
        "rows": [_row(columns, obj, now, include) for obj in objs],
    }


def bookmark_table(meta: Mapping[str, Any]) -> JsonObj:
    """A bookmark in the form of a table: one row that only has metadata."""
    row = {"cells": [], "object": _partial(dict(meta))}
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": meta["resourceVersion"]},
        "columnDefinitions": None,
        "rows": [row],
    }


def _columns(kind: Kind) -> Sequence[Column]:
    if not kind.custom:
        return COLUMNS.get(kind.resource, (_NAME, _CREATED))
    if not kind.columns:
        return (_NAME, _AGE)
    return (_NAME, *(_custom(column) for column in kind.columns))


def _custom(column: Mapping[str, Any]) -> Column:
    """An additionalPrinterColumn."""
    path, kind = column["jsonPath"], column["type"]

    def cell(obj: JsonObj, now: datetime) -> Any:
        value = at_path(obj, path)
        if value is None:
            return None
        if kind == "date":
            return age(value, now)
        return value if kind != "string" or isinstance(value, str) else _text(value)

    description = f"Custom resource definition column (in JSONPath format): {path}"
    return Column(
        column["name"],
        cell,
        kind,
        int(column.get("priority", 0)),
        column.get("description") or description,
    )


def _text(value: Any) -> str:
    """A value that is no string in a column of strings."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _row(columns: Sequence[Column], obj: JsonObj, now: datetime, include: str) -> JsonObj:
    row: JsonObj = {"cells": [column.cell(obj, now) for column in columns]}
    if include == "Object":
        row["object"] = obj
    elif include == "Metadata":
        row["object"] = _partial(obj["metadata"])
    else:
        row["object"] = None
    return row


def _partial(meta: JsonObj) -> JsonObj:
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": meta}
