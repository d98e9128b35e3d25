"""Gateway API v1: one HTTPRoute named after the apex Service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from providers import conditions, cookies, names, splits
from providers.gatewayapi_adopt import adoption
from providers.gatewayapi_live import lacks_percent, normal, rule_splits, without_percent
from providers.gatewayapi_matches import analysis_problems, match_problems
from providers.gatewayapi_release import release
from providers.gatewayapi_spec import mirrors_a_share, spec
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
from providers.optional import Extension
from providers.releasing import given_back

HTTP_ROUTE = ObjectKind(GROUP, "v1", "httproutes", "HTTPRoute", outlives=True)


PERCENT = "spec.rules[].filters[].requestMirror.percent"
"""Lacking in older CRDs."""

OWNED = ("parentRefs", "hostnames", "rules")
"""Fields of the spec that the engine sets; any other is somebody else's."""


class GatewayApi:
    """The provider ``gatewayapi:v1``: gateways confirm what they have taken over."""

    api = API
    name = "gatewayapi:v1"
    kinds: Sequence[ObjectKind] = (HTTP_ROUTE,)
    capabilities = frozenset(
        {
            Capability.WEIGHTS,
            Capability.MATCH,
            Capability.MIRROR,
            Capability.MIRROR_WEIGHT,
            Capability.SESSION_AFFINITY,
        }
    )
    confirms = True

    def problems(self, canary: Object) -> Sequence[Problem]:
        """Missing gateways, and conditions that an HTTPRoute can't express."""
        return tuple(self._problems(canary))

    def _problems(self, canary: Object) -> Iterator[Problem]:
        service = names.service(canary)
        if not service.get("gatewayRefs"):
            yield Problem(
                "spec.service.gatewayRefs",
                "GatewayRefs must be specified when using Gateway API as a provider.",
            )
        yield from match_problems(service.get("match") or (), "spec.service.match")
        items = conditions.analysed(canary)
        yield from analysis_problems(items)
        yield from conditions.problems(items, canary)
        yield from cookies.problems(canary)
        if (service.get("corsPolicy") or {}).get("allowOrigins"):
            yield Problem(
                "spec.service.corsPolicy.allowOrigins",
                "'corsPolicy.allowOrigins' is not supported by Gateway API, "
                "use 'corsPolicy.allowOrigin' instead",
            )

    def extensions(self, canary: Object) -> Sequence[Extension]:
        """The share of requests that are copied, which CRDs have since Gateway API 1.3 (D11)."""
        share = names.analysis(canary).get("mirrorWeight")
        if not names.analysis(canary).get("mirror") or not mirrors_a_share(canary):
            return ()
        field = "spec.analysis.mirrorWeight"
        text = f"{share} can't be had from HTTPRoutes older than Gateway API 1.3: all are copied"
        return (Extension(HTTP_ROUTE, PERCENT, Problem(field, text)),)

    def names(self, canary: Object) -> Sequence[tuple[ObjectKind, str]]:
        """The one HTTPRoute."""
        return ((HTTP_ROUTE, names.apex(canary)),)

    def desired(self, context: Context, routing: Routing) -> Sequence[Desired]:
        """The HTTPRoute for ``routing``; one that a user made is only patched."""
        name = names.apex(context.canary)
        wanted, percent = spec(context.canary, routing), PERCENT not in context.lacking
        if not percent:
            wanted = without_percent(wanted)
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
            patch, waits = adoption(live, context.canary, routing, percent=percent)
            return (Desired(HTTP_ROUTE, name, manifest, True, patch, bool(patch), waits),)
        owned = {key: live["spec"][key] for key in OWNED if key in live["spec"]}
        differs = normal(owned) != normal(wanted) or names.metadata_differs(live, meta)
        return (Desired(HTTP_ROUTE, name, manifest, weights=True, differs=differs),)

    def released(self, context: Context) -> Sequence[Desired]:
        """The HTTPRoute, led back to the apex; a generated one becomes nobody's, as it carries
        traffic (D34)."""
        return given_back(context, HTTP_ROUTE, release)

    def read(self, context: Context) -> Reading:
        """The split that all weighted rules carry, and the parents' word on it."""
        canary = context.canary
        name, where = names.apex(canary), names.where(canary)
        live = context.live.get((HTTP_ROUTE, name))
        if live is None:
            missing = f'httproutes.{GROUP} "{name}" not found'
            error = f"HTTPRoute {where} get error: {missing}"
            return Reading(None, Liveness.PENDING, error, gone=True)
        other = names.other_canary(live, canary)
        if other:
            return Reading(None, Liveness.PENDING, f"HTTPRoute {where} belongs to Canary {other}")
        state, text = liveness(live, where)
        found = list(rule_splits(live, canary))
        routing = splits.routing(found)
        if routing is None:
            shown = splits.shown(found)
            error = f"HTTPRoute {where} does not split 100 between primary and canary ({shown})"
            return Reading(None, state, error)
        if state is Liveness.PENDING:
            return Reading(routing, state, error=text)
        if lacks_percent(live, canary):
            all_of_them = (
                f"HTTPRoute {where} mirrors all requests: it has no percent, which its CRD knows "
                "from Gateway API 1.3 on"
            )
            text = "; ".join(filter(None, (all_of_them, text)))
        return Reading(routing, state, warning=text)


PROVIDER = GatewayApi()
