"""Objects as JSON and YAML."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from canary.kube.resources import Obj


class _Plain(yaml.SafeDumper):
    """Without anchors: a value in two places is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def encoded(data: Any, form: str) -> str:
    """``data`` as ``json`` or ``yaml``, without the last line end."""
    if form == "json":
        return json.dumps(data, indent=2, ensure_ascii=False)
    text: str = yaml.dump(data, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100)
    return text.rstrip("\n")


def documents(objects: Sequence[Any]) -> str:
    """Several YAML documents in one text."""
    return "\n".join(f"---\n{encoded(obj, 'yaml')}" for obj in objects)


def shown(obj: Obj, resource_kind: tuple[str, str]) -> dict[str, Any]:
    """An object as kubectl prints it: with its kind, which lists leave out, and without
    ``managedFields``."""
    meta: Mapping[str, Any] = obj["metadata"]
    version, kind = resource_kind
    kept = {key: value for key, value in meta.items() if key != "managedFields"}
    rest = {key: value for key, value in obj.items() if key not in ("apiVersion", "kind")}
    return {"apiVersion": version, "kind": kind, **rest, "metadata": kept}


def listed(objects: Sequence[Obj], resource_kind: tuple[str, str]) -> dict[str, Any]:
    """Several objects as kubectl prints them."""
    items = [shown(obj, resource_kind) for obj in objects]
    return {"apiVersion": "v1", "kind": "List", "items": items}
