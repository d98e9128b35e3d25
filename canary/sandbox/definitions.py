"""CustomResourceDefinitions: their status, as the API server's own controllers write it."""

from __future__ import annotations

from canary.kube.resources import Key
from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.kind import Kind
from canary.sandbox.writes import Writer

_MANAGER = "kube-apiserver"


def establish(writer: Writer, kind: Kind, crd: JsonObj) -> None:
    """Accept the names of a definition and report that its kinds are served."""
    spec, meta = crd["spec"], crd["metadata"]
    known = (crd.get("status") or {}).get("conditions") or ()
    since = {one["type"]: one["lastTransitionTime"] for one in known}
    stored = [version["name"] for version in spec["versions"] if version.get("storage")]
    before = (crd.get("status") or {}).get("storedVersions") or ()
    rows = (
        ("NamesAccepted", "NoConflicts", "no conflicts found"),
        ("Established", "InitialNamesAccepted", "the initial names have been accepted"),
    )
    status = {
        "acceptedNames": spec["names"],
        "storedVersions": [*before, *(one for one in stored if one not in before)],
        "conditions": [
            {
                "type": name,
                "status": "True",
                "lastTransitionTime": since.get(name, writer.now),
                "reason": reason,
                "message": message,
            }
            for name, reason, message in rows
        ],
    }
    if crd.get("status") != status:
        body = {**crd, "status": status}
        writer.update(kind, Key("", meta["name"]), body, _MANAGER, subresource="status")
