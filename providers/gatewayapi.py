"""Gateway API v1: one HTTPRoute named after the apex Service."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from providers import names
from providers.gatewayapi_adopt import adoption
from providers.gatewayapi_rules import (
    ANY_PATH,
    backend,
    filters,
    match_problems,
    matches,
    timeouts,
)
from providers.gatewayapi_status import GROUP, liveness
from providers.interface import (
    API,
    Capability,
    Context,
    Desired,
    Liveness,
    Object,
    ObjectKind,
    Problem,
    Reading,
    Routing,
)

HTTP_ROUTE = ObjectKind(GROUP, "v1", "httproutes", "HTTPRoute")


OWNED = ("parentRefs", "hostnames", "rules")
"""Fields of the spec that the engine sets; any other is somebody else's."""


def backends(canary: Object, routing: Routing) -> list[dict[str, Any]]:
    """The weighted backends, primary first."""
    apex, port = names.apex(canary), int(names.service(canary)["port"])
    shares = ((f"{apex}-primary", routing.primary), (f"{apex}-canary", routing.canary))
    return [
        {"group": "", "kind": "Service", "name": name, "port": port, "weight": weight}
        for name, weight in shares
    ]


def spec(canary: Object, routing: Routing) -> dict[str, Any]:
    """The whole spec of a generated HTTPRoute."""
    service = names.service(canary)
    rule: dict[str, Any] = {
        "matches": matches(service),
        "backendRefs": backends(canary, routing),
    }
    extra = filters(service)
    if extra:
        rule["filters"] = extra
    limits = timeouts(service)
    if limits:
        rule["timeouts"] = limits
    found: dict[str, Any] = {
        "parentRefs": [
            {"group": GROUP, "kind": "Gateway", **ref} for ref in service.get("gatewayRefs") or ()
        ],
        "rules": [rule],
    }
    if service.get("hosts"):
        found["hostnames"] = list(service["hosts"])
    return found


def normal(found: Mapping[str, Any]) -> Any:
    """A spec with the API server's defaults filled in, for comparing."""
    filled = copy.deepcopy(dict(found))
    for parent in filled.get("parentRefs") or ():
        parent.setdefault("group", GROUP)
        parent.setdefault("kind", "Gateway")
    for rule in filled.get("rules") or ():
        rule["matches"] = rule.get("matches") or [{}]
        for match in rule["matches"]:
            path = match.setdefault("path", dict(ANY_PATH))
            path.setdefault("type", "PathPrefix")
            for key in ("headers", "queryParams"):
                for condition in match.get(key) or ():
                    condition.setdefault("type", "Exact")
        for ref in rule.get("backendRefs") or ():
            ref.setdefault("group", "")
            ref.setdefault("kind", "Service")
            ref.setdefault("weight", 1)
        for item in rule.get("filters") or ():
            if "cors" in item:
                item["cors"].setdefault("maxAge", 5)
    return _compact(filled)


def _compact(value: Any) -> Any:
    """Without nulls and empty parts, but keeping the empty group of a core Service."""
    return names.compact(value)


class GatewayApi:
    """The provider ``gatewayapi:v1``: gateways confirm what they have taken over."""

    api = API
    name = "gatewayapi:v1"
    kinds: Sequence[ObjectKind] = (HTTP_ROUTE,)
    capabilities = frozenset({Capability.WEIGHTS})
    confirms = True

    def problems(self, canary: Object) -> Sequence[Problem]:
        """Missing gateways, and matches that an HTTPRoute can't express."""
        return tuple(self._problems(canary))

    def _problems(self, canary: Object) -> Iterator[Problem]:
        service = names.service(canary)
        if not service.get("gatewayRefs"):
            yield Problem(
                "spec.service.gatewayRefs",
                "GatewayRefs must be specified when using Gateway API as a provider.",
            )
        yield from match_problems(service)
        if (service.get("corsPolicy") or {}).get("allowOrigins"):
            yield Problem(
                "spec.service.corsPolicy.allowOrigins",
                "'corsPolicy.allowOrigins' is not supported by Gateway API, "
                "use 'corsPolicy.allowOrigin' instead",
            )

    def names(self, canary: Object) -> Sequence[tuple[ObjectKind, str]]:
        """The one HTTPRoute."""
        return ((HTTP_ROUTE, names.apex(canary)),)

    def desired(self, context: Context, routing: Routing) -> Sequence[Desired]:
        """The HTTPRoute for ``routing``; one that a user made is only patched."""
        name = names.apex(context.canary)
        wanted = spec(context.canary, routing)
        meta = names.metadata(context, name)
        manifest = {
            "apiVersion": f"{GROUP}/v1",
            "kind": "HTTPRoute",
            "metadata": meta,
            "spec": wanted,
        }
        live = context.live.get((HTTP_ROUTE, name))
        if live is None:
            return (Desired(HTTP_ROUTE, name, manifest, weights=True),)
        if names.other_canary(live, context.canary):
            return ()
        if not names.belongs(live, context.canary):
            patch = adoption(live, context.canary, backends(context.canary, routing))
            return (Desired(HTTP_ROUTE, name, manifest, True, patch, bool(patch)),)
        owned = {key: live["spec"][key] for key in OWNED if key in live["spec"]}
        same = normal(owned) == normal(wanted)
        differs = not same or names.metadata_differs(live, meta)
        return (Desired(HTTP_ROUTE, name, manifest, weights=True, differs=differs),)

    def read(self, context: Context) -> Reading:
        """The split that all weighted rules carry, and the parents' word on it."""
        canary = context.canary
        name, where = names.apex(canary), names.where(canary)
        live = context.live.get((HTTP_ROUTE, name))
        if live is None:
            missing = f'httproutes.{GROUP} "{name}" not found'
            return Reading(None, Liveness.PENDING, f"HTTPRoute {where} get error: {missing}")
        other = names.other_canary(live, canary)
        if other:
            return Reading(None, Liveness.PENDING, f"HTTPRoute {where} belongs to Canary {other}")
        found = sorted(set(_splits(live, canary)))
        if len(found) != 1 or sum(found[0]) != 100:
            shown = ", ".join(f"{primary}/{share}" for primary, share in found) or "none"
            error = f"HTTPRoute {where} does not split 100 between primary and canary ({shown})"
            return Reading(None, Liveness.PENDING, error)
        state, text = liveness(live, where)
        routing = Routing(*found[0])
        if state is Liveness.PENDING:
            return Reading(routing, state, error=text)
        return Reading(routing, state, warning=text)


def _splits(live: Object, canary: Object) -> Iterator[tuple[int, int]]:
    """(primary, canary) of each rule that leads to these two and to nothing else."""
    apex, namespace = names.apex(canary), canary["metadata"]["namespace"]
    for rule in live["spec"].get("rules") or ():
        refs = rule.get("backendRefs") or ()
        shares = {backend(ref, namespace): int(ref.get("weight", 1)) for ref in refs}
        if len(refs) == 2 and set(shares) == {f"{apex}-primary", f"{apex}-canary"}:
            yield (shares[f"{apex}-primary"], shares[f"{apex}-canary"])


PROVIDER = GatewayApi()
