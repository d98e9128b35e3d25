"""Objects as requests bring them, before anything is done with them."""

from __future__ import annotations

import hashlib

from canary.kube.resources import NAMESPACES, Key
from canary.sandbox.fielderror import required
from canary.sandbox.jsonvalue import JsonObj, drop_nulls, thaw
from canary.sandbox.kind import Kind
from canary.sandbox.refusal import bad_request, invalid_object, not_found, terminating
from canary.sandbox.storage import Storage

SET_BY_SERVER = (
    "uid",
    "creationTimestamp",
    "generation",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
)
_WITH_SPEC = frozenset(("deployments", "services", "pods", "replicasets", "daemonsets", "nodes"))
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def private_copy(kind: Kind, namespace: str, body: JsonObj) -> JsonObj:
    """A typed copy of a request's object, with its identity; raises Refused."""
    obj: JsonObj = thaw(body) if kind.custom else drop_nulls(body)
    meta = obj.setdefault("metadata", {})
    if not isinstance(meta, dict) or not (meta.get("name") or meta.get("generateName")):
        error = required("metadata.name", "name or generateName is required")
        raise invalid_object(kind.resource.group, kind.resource.kind, "", [error])
    if kind.namespaced and meta.setdefault("namespace", namespace) != namespace:
        text = "the namespace of the provided object does not match the namespace sent"
        raise bad_request(f"{text} on the request")
    obj["apiVersion"], obj["kind"] = kind.resource.api_version, kind.resource.kind
    if kind.resource.plural in _WITH_SPEC:
        obj.setdefault("spec", {})
    return obj


def checked_namespace(storage: Storage, kind: Kind, namespace: str, obj: JsonObj) -> None:
    """Refuse new content of a namespace that doesn't exist, or won't for long."""
    if not kind.namespaced:
        return
    found = storage.get(NAMESPACES, Key("", namespace))
    if found is None:
        raise not_found(NAMESPACES, namespace)
    if "deletionTimestamp" in found["metadata"]:
        raise terminating(kind.resource, obj["metadata"].get("name", ""), namespace)


def suffix(number: int) -> str:
    """Five characters that make a generated name unique."""
    digest = hashlib.sha256(str(number).encode()).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:5])
