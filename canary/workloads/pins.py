"""Pins: the template that was judged, kept in a ControllerRevision until it is outdated."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from canary.workloads.objects import Obj, thaw
from canary.workloads.ownership import owner_reference

LABEL, VALUE = "app.kubernetes.io/managed-by", "canary-engine"
OWNER_LABEL = "canary-engine.dev/canary"


@dataclass(frozen=True, slots=True)
class Pin:
    """A pinned template. ``rewritten``: it is the primary's own, found at a takeover."""

    digest: str
    template: Obj
    name: str
    uid: str
    rewritten: bool = False
    spec: Obj | None = None
    """The rest of the target's spec that the primary follows at a promotion."""


def pin_name(canary: str, digest: str) -> str:
    """Name of a pin, within the limit of 253 characters; a long Canary name is hashed."""
    if len(canary) > 200:
        canary = f"{canary[:183].rstrip('.-')}-{_short_hash(canary)}"
    return f"{canary}-{digest}"


def label_value(canary: str) -> str:
    """The Canary's name as a label value (63 characters), hashed when it is longer."""
    if len(canary) <= 63:
        return canary
    return f"{canary[:46]}-{_short_hash(canary)}"


def _short_hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def pin_manifest(
    canary: Obj, template: Obj, digest: str, *, rewritten: bool, settings: Obj | None = None
) -> dict[str, Any]:
    """The ControllerRevision that pins ``template``: owned by the Canary, no label of the target,
    and no data of any Secret."""
    meta = canary["metadata"]
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {
            "name": pin_name(meta["name"], digest),
            "namespace": meta["namespace"],
            "labels": {LABEL: VALUE, OWNER_LABEL: label_value(meta["name"])},
            "ownerReferences": [owner_reference(canary)],
        },
        "revision": 1,
        "data": {
            "digest": digest,
            "rewritten": rewritten,
            "template": thaw(template),
            "settings": thaw(settings or {}),
        },
    }


def read_pin(obj: Obj) -> Pin:
    """The pin in a ControllerRevision; raises KeyError when it isn't one of ours."""
    data = obj["data"]
    return Pin(
        digest=str(data["digest"]),
        template=data["template"],
        name=obj["metadata"]["name"],
        uid=obj["metadata"]["uid"],
        rewritten=bool(data["rewritten"]),
        spec=data.get("settings") or None,
    )
