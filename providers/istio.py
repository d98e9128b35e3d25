"""Istio: a VirtualService named after the apex Service, and a DestinationRule for each side."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from providers import conditions, cookies, names, splits
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
from providers.istio_adopt import adoption
from providers.istio_live import occupied, rule_splits
from providers.istio_release import release
from providers.istio_rules import is_tcp, spec, unsaid
from providers.istio_silence import silent
from providers.releasing import given_back

GROUP = "networking.istio.io"
DESTINATION_RULE = ObjectKind(GROUP, "v1beta1", "destinationrules", "DestinationRule")
VIRTUAL_SERVICE = ObjectKind(GROUP, "v1beta1", "virtualservices", "VirtualService", outlives=True)


class Istio:
    """The provider ``istio``. Its objects carry no dependable status: nothing confirms."""

    api = API
    name = "istio"
    kinds: Sequence[ObjectKind] = (DESTINATION_RULE, VIRTUAL_SERVICE)
    capabilities = frozenset(Capability)
    confirms = False

    def problems(self, canary: Object) -> Sequence[Problem]:
        """Delegation that contradicts itself, and what can't be expressed."""
        return tuple(self._problems(canary))

    def _problems(self, canary: Object) -> Iterator[Problem]:
        service = names.service(canary)
        if service.get("delegation") and (service.get("hosts") or service.get("gateways")):
            yield Problem(
                "spec.service.delegation",
                f"reconcileVirtualService failed: VirtualService {names.where(canary)} cannot "
                "have hosts and gateways when delegation enabled",
            )
        if is_tcp(canary):
            return
        items = conditions.analysed(canary)
        for index, item in enumerate(items):
            for part in unsaid(item):
                field = f"spec.analysis.match[{index}].{part}"
                yield Problem(field, f"{field}: accepted are exact and regex")
        yield from conditions.problems(items, canary)
        yield from cookies.problems(canary)

    def unable(self, canary: Object) -> Mapping[Capability, str]:
        """Connections have no headers, and can't be copied: all but weights."""
        if not is_tcp(canary):
            return {}
        why = "where spec.service.appProtocol is tcp"
        return dict.fromkeys(self.capabilities - {Capability.WEIGHTS}, why)

    def names(self, canary: Object) -> Sequence[tuple[ObjectKind, str]]:
        """DestinationRules first: a route to a host needs its rule to be there."""
        apex = names.apex(canary)
        return (
            (DESTINATION_RULE, f"{apex}-canary"),
            (DESTINATION_RULE, f"{apex}-primary"),
            (VIRTUAL_SERVICE, apex),
        )

    def desired(self, context: Context, routing: Routing) -> Sequence[Desired]:
        """The three objects for ``routing``."""
        apex = names.apex(context.canary)
        return (
            *self._destination(context, f"{apex}-canary"),
            *self._destination(context, f"{apex}-primary"),
            *self._virtual_service(context, apex, routing),
        )

    def _destination(self, context: Context, name: str) -> Iterator[Desired]:
        wanted: dict[str, Any] = {"host": name}
        policy = names.service(context.canary).get("trafficPolicy")
        if policy:
            wanted["trafficPolicy"] = silent(policy)
        meta = names.metadata(context, name, marked=False)
        live = context.live.get((DESTINATION_RULE, name))
        if live is None:
            yield Desired(DESTINATION_RULE, name, _manifest(DESTINATION_RULE, meta, wanted))
        elif not names.other_canary(live, context.canary):
            # Subsets and exports that others added stay: only what is ours is compared.
            owned = {key: live["spec"].get(key) for key in wanted}
            differs = names.compact(owned) != names.compact(wanted)
            if not names.belongs(live, context.canary):
                meta.pop("ownerReferences", None)
            manifest = _manifest(DESTINATION_RULE, meta, wanted)
            yield Desired(DESTINATION_RULE, name, manifest, differs=differs)

    def _virtual_service(self, context: Context, apex: str, routing: Routing) -> Iterator[Desired]:
        if is_tcp(context.canary) and conditions.analysed(context.canary):
            # Connections have no conditions: everybody would get the canary (D7).
            routing = Routing(100, 0)
        wanted = spec(context.canary, routing)
        meta = names.metadata(context, apex)
        manifest = _manifest(VIRTUAL_SERVICE, meta, wanted)
        live = context.live.get((VIRTUAL_SERVICE, apex))
        if live is None:
            yield Desired(VIRTUAL_SERVICE, apex, manifest, weights=True)
        elif names.other_canary(live, context.canary):
            return
        elif not names.belongs(live, context.canary):
            patch = adoption(live, context.canary, routing)
            yield Desired(VIRTUAL_SERVICE, apex, manifest, True, patch, bool(patch))
        else:
            same = _comparable(live["spec"], wanted) == names.compact(wanted)
            differs = not same or names.metadata_differs(live, meta)
            yield Desired(VIRTUAL_SERVICE, apex, manifest, weights=True, differs=differs)

    def released(self, context: Context) -> Sequence[Desired]:
        """A user's VirtualService as it was; a generated one is led back to the apex and becomes
        nobody's, as it carries traffic (D34). DestinationRules go with the Canary."""
        return given_back(context, VIRTUAL_SERVICE, release)

    def read(self, context: Context) -> Reading:
        """The split that all weighted rules carry."""
        canary = context.canary
        apex, where = names.apex(canary), names.where(canary)
        live = context.live.get((VIRTUAL_SERVICE, apex))
        if live is None:
            missing = f'virtualservices.{GROUP} "{apex}" not found'
            error = f"VirtualService {where} get query error {missing}"
            return Reading(None, Liveness.UNCONFIRMED, error, gone=True)
        other = names.other_canary(live, canary)
        if other:
            error = f"VirtualService {where} belongs to Canary {other}"
            return Reading(None, Liveness.UNCONFIRMED, error)
        if names.analysis(canary).get("mirror") and occupied(live, canary):
            error = f"VirtualService {where} mirrors elsewhere: remove it, or spec.analysis.mirror"
            return Reading(None, Liveness.UNCONFIRMED, error)
        found = list(rule_splits(live, canary))
        routing = splits.routing(found)
        if routing is not None:
            return Reading(routing, Liveness.UNCONFIRMED)
        if found and all(split.primary + split.canary == 100 for split in found):
            error = f"VirtualService {where} has rules that split differently"
        else:
            error = (
                f"VirtualService {where} does not contain routes for {apex}-primary "
                f"and {apex}-canary"
            )
        return Reading(None, Liveness.UNCONFIRMED, error)


def _comparable(live: Mapping[str, Any], wanted: Mapping[str, Any]) -> Any:
    """The parts of a live spec that the engine owns."""
    keys = {*wanted, "hosts", "gateways", "http", "tcp"}
    return names.compact({key: live.get(key) for key in keys})


def _manifest(kind: ObjectKind, meta: Mapping[str, Any], wanted: Mapping[str, Any]) -> Object:
    return {
        "apiVersion": f"{kind.group}/{kind.version}",
        "kind": kind.kind,
        "metadata": dict(meta),
        "spec": json.loads(json.dumps(wanted)),
    }


PROVIDER = Istio()
