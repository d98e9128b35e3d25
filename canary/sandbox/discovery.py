"""Discovery: which groups, versions and resources are served."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from canary.sandbox import builtin
from canary.sandbox.kind import Kind

_SERVED_ALONE = ("selfsubjectaccessreviews",)
_SUBRESOURCE_VERBS = ["get", "patch", "update"]


def answer(path: str, kinds: Sequence[Kind]) -> Any:
    """The document at a path of discovery; None for any other path."""
    parts = path.strip("/").split("/")
    versions = _versions(kinds)
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
    if path == "/api/v1":
        return _resources("v1", kinds)
    if path == "/apis":
        groups = [_group(name, found) for name, found in versions.items()]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    if parts[0] == "apis" and len(parts) == 2 and parts[1] in versions:
        return {"kind": "APIGroup", "apiVersion": "v1", **_group(parts[1], versions[parts[1]])}
    if parts[0] == "apis" and len(parts) == 3 and parts[2] in versions.get(parts[1], ()):
        return _resources(f"{parts[1]}/{parts[2]}", kinds)
    return None


def _versions(kinds: Sequence[Kind]) -> dict[str, list[str]]:
    """Versions by group, all but the core group's."""
    found: dict[str, list[str]] = {"authorization.k8s.io": ["v1"]}
    for kind in kinds:
        group, version = kind.resource.group, kind.resource.version
        if group and version not in found.setdefault(group, []):
            found[group].append(version)
    return found


def _group(name: str, versions: Sequence[str]) -> dict[str, Any]:
    rows = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": rows, "preferredVersion": rows[0]}


def _resources(api_version: str, kinds: Sequence[Kind]) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [
        row for row in builtin.discovered(api_version) if row["name"] in _SERVED_ALONE
    ]
    for kind in kinds:
        if kind.resource.api_version != api_version:
            continue
        rows.append(_limited(dict(kind.row)))
        known = {row["name"]: row for row in builtin.discovered(api_version)}
        for name, there in (("status", kind.status), ("scale", kind.scale)):
            full = f"{kind.resource.plural}/{name}"
            if there:
                rows.append(known.get(full) or _subresource(kind, full))
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": api_version,
        "resources": rows,
    }


def _limited(row: dict[str, Any]) -> dict[str, Any]:
    """Without the verb that the sandbox doesn't have, so that clients don't try it."""
    return {**row, "verbs": [verb for verb in row["verbs"] if verb != "deletecollection"]}


def _subresource(kind: Kind, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "singularName": "",
        "namespaced": kind.namespaced,
        "kind": kind.resource.kind,
        "verbs": _SUBRESOURCE_VERBS,
    }
