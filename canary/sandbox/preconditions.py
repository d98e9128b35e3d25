"""What has to hold before something is written: versions, identities, the rules of a kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from canary.kube.resources import Key
from canary.sandbox import checks
from canary.sandbox.fielderror import forbidden, immutable, invalid
from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.kind import Kind
from canary.sandbox.refusal import (
    Refused,
    conflict,
    delete_conflict,
    invalid_object,
    uid_conflict,
)


def check_update(
    kind: Kind, key: Key, live: JsonObj, meta: Mapping[str, Any], *, patched: bool
) -> None:
    """Refuse an update of another object or version than the live one."""
    uid, other = meta.get("uid"), live["metadata"]["uid"]
    if uid and uid != other and not patched:
        scope = f"{key.namespace}/" if key.namespace else ""
        group = f"{kind.resource.group}/" if kind.custom else ""
        where = f"/registry/{group}{kind.resource.plural}/{scope}{key.name}"
        raise uid_conflict(kind.resource, where, key.name, uid, other)
    check_version(kind, key, live, meta, needed=kind.custom and not patched)
    if uid and uid != other:
        error = immutable("metadata.uid", uid)
        raise invalid_object(kind.resource.group, kind.resource.kind, key.name, [error, error])


def check_version(
    kind: Kind, key: Key, live: JsonObj, meta: Mapping[str, Any], *, needed: bool
) -> None:
    """Refuse an update that was made of another version, or of none where one is ``needed``."""
    version = meta.get("resourceVersion")
    if version and not str(version).isdigit():
        raise Refused(500, "", f'strconv.ParseUint: parsing "{version}": invalid syntax')
    if version and version != live["metadata"]["resourceVersion"]:
        raise conflict(kind.resource, key.name)
    if needed and not version:
        error = invalid("metadata.resourceVersion", 0, "must be specified for an update")
        refused = invalid_object(kind.resource.group, kind.resource.plural, key.name, [error])
        raise refused


def check_finalizers(kind: Kind, live: JsonObj, new: JsonObj) -> None:
    """Refuse new finalizers on an object that is being deleted."""
    if "deletionTimestamp" not in live["metadata"]:
        return
    before = live["metadata"].get("finalizers") or ()
    added = [one for one in new["metadata"].get("finalizers") or () if one not in before]
    if added:
        names = ", ".join(f'"{one}"' for one in added)
        text = "no new finalizers can be added if the object is being deleted, found new finalizers"
        error = forbidden("metadata.finalizers", f"{text} []string{{{names}}}")
        name = live["metadata"]["name"]
        raise invalid_object(kind.resource.group, kind.resource.kind, name, [error])


def check_deletion(kind: Kind, key: Key, live: JsonObj, wanted: Mapping[str, Any]) -> None:
    """Refuse the deletion of another object or version than the ``wanted`` one."""
    meta = live["metadata"]
    uid, version = wanted.get("uid"), wanted.get("resourceVersion")
    if uid and uid != meta["uid"]:
        why = (
            f"the UID in the precondition ({uid}) does not match the UID in record "
            f"({meta['uid']}). The object might have been deleted and then recreated"
        )
        raise delete_conflict(kind.resource, key.name, why)
    if version and version != meta["resourceVersion"]:
        why = (
            f"the ResourceVersion in the precondition ({version}) does not match the "
            f"ResourceVersion in record ({meta['resourceVersion']}). "
            "The object might have been modified"
        )
        raise delete_conflict(kind.resource, key.name, why)


def check_valid(kind: Kind, obj: JsonObj, before: JsonObj | None) -> None:
    """Refuse an object that breaks the rules of its kind."""
    errors = list(checks.names(obj)) if before is None else []
    errors += kind.errors(obj, before)
    if errors and before is not None and kind.custom:
        # Ratcheting: what was wrong before, and is left as it was, doesn't stop an update.
        known = set(kind.errors(kind.complete(before), None))
        errors = [error for error in errors if error not in known]
    if errors:
        name = obj["metadata"]["name"]
        raise invalid_object(kind.resource.group, kind.resource.kind, name, errors)
