"""What a rule of an HTTPRoute does beside splitting: filters and timeouts (providers 5.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers.durations import whole_seconds


def filters(service: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Filters for headers, rewrite, static mirrors and CORS, in Flagger's order."""
    found: list[dict[str, Any]] = []
    headers = service.get("headers") or {}
    for direction, kind, field in (
        ("request", "RequestHeaderModifier", "requestHeaderModifier"),
        ("response", "ResponseHeaderModifier", "responseHeaderModifier"),
    ):
        change = _header_change(headers.get(direction) or {})
        if change:
            found.append({"type": kind, field: change})
    rewrite = _rewrite(service.get("rewrite") or {})
    if rewrite:
        found.append({"type": "URLRewrite", "urlRewrite": rewrite})
    for item in service.get("mirror") or ():
        if item.get("backendRef"):
            backend = {"group": "", "kind": "Service", **item["backendRef"]}
            found.append({"type": "RequestMirror", "requestMirror": {"backendRef": backend}})
    if service.get("corsPolicy"):
        found.append({"type": "CORS", "cors": _cors(service["corsPolicy"])})
    return found


def backend(ref: Mapping[str, Any], namespace: str) -> str:
    """Name of the Service of ``namespace`` that ``ref`` leads to; empty for anything else."""
    plain = ref.get("group") in (None, "") and ref.get("kind") in (None, "Service")
    own = ref.get("namespace") in (None, "", namespace)
    return str(ref.get("name")) if plain and own else ""


def _header_change(operations: Mapping[str, Any]) -> dict[str, Any]:
    change: dict[str, Any] = {}
    for field in ("add", "set"):
        if operations.get(field):
            change[field] = [
                {"name": name, "value": value} for name, value in sorted(operations[field].items())
            ]
    if operations.get("remove"):
        change["remove"] = list(operations["remove"])
    return change


def _rewrite(rewrite: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if rewrite.get("authority"):
        found["hostname"] = rewrite["authority"]
    if rewrite.get("uri"):
        if rewrite.get("type") == "ReplacePrefixMatch":
            found["path"] = {"type": "ReplacePrefixMatch", "replacePrefixMatch": rewrite["uri"]}
        else:
            found["path"] = {"type": "ReplaceFullPath", "replaceFullPath": rewrite["uri"]}
    return found


def _cors(policy: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for ours, theirs in (
        ("allowOrigin", "allowOrigins"),
        ("allowMethods", "allowMethods"),
        ("allowHeaders", "allowHeaders"),
        ("exposeHeaders", "exposeHeaders"),
    ):
        if policy.get(ours):
            found[theirs] = list(policy[ours])
    if policy.get("allowCredentials"):
        found["allowCredentials"] = True
    seconds = whole_seconds(str(policy.get("maxAge") or ""))
    # Without a value the API server writes 5: explicit, it is no difference (D3).
    found["maxAge"] = 5 if seconds is None else seconds
    return found


def timeouts(service: Mapping[str, Any]) -> dict[str, str]:
    """``timeouts`` of every rule."""
    found = {}
    if service.get("timeout"):
        found["request"] = str(service["timeout"])
    if service.get("backendTimeout"):
        found["backendRequest"] = str(service["backendTimeout"])
    return found
