"""ingress-nginx: a second Ingress beside the user's, with the weight in an annotation.

The user's Ingress is read and never written. Nothing tells that a weight is live.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from providers import names
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
from providers.nginx_annotations import Wanted, ab_problems, share, wanted
from providers.nginx_ingress import copied, reaches, rules

GROUP = "networking.k8s.io"
INGRESS = ObjectKind(GROUP, "v1", "ingresses", "Ingress")

OWNED = ("ingressClassName", "rules")
"""Fields of the spec that the engine sets; any other is somebody else's."""


class Nginx:
    """The provider ``nginx``."""

    api = API
    name = "nginx"
    kinds: Sequence[ObjectKind] = (INGRESS,)
    capabilities = frozenset({Capability.WEIGHTS, Capability.MATCH})
    confirms = False

    def problems(self, canary: Object) -> Sequence[Problem]:
        """A missing ``ingressRef``, and an A/B test that the annotations can't express."""
        return tuple(self._problems(canary))

    def _problems(self, canary: Object) -> Iterator[Problem]:
        if not _source_name(canary):
            yield Problem("spec.ingressRef", "ingress selector is empty: set spec.ingressRef.name")
        yield from ab_problems(canary)

    def names(self, canary: Object) -> Sequence[tuple[ObjectKind, str]]:
        """The user's Ingress, and the one with the weight."""
        source = _source_name(canary)
        return ((INGRESS, source), (INGRESS, f"{source}-canary")) if source else ()

    def desired(self, context: Context, routing: Routing) -> Sequence[Desired]:
        """The canary Ingress; none where it would be another's, or has nothing to be made of.

        Without the user's Ingress, the live one keeps its rules: its weight can still fall (D5).
        """
        canary = context.canary
        source = _source_name(canary)
        name = f"{source}-canary"
        live = context.live.get((INGRESS, name))
        if not source or (live is not None and not names.belongs(live, canary)):
            return ()
        origin = context.live.get((INGRESS, source))
        if origin is None or not reaches(origin, names.apex(canary)):
            origin = live
        if origin is None:
            return ()
        annotations = wanted(canary, routing, context.ingress_annotations)
        fields = self._fields(context, name, origin, annotations)
        if live is None:
            return (Desired(INGRESS, name, fields, weights=True),)
        patch = annotations.patch(live)
        if patch:
            return (Desired(INGRESS, name, fields, True, patch),)
        same = all(live["spec"].get(key) == fields["spec"].get(key) for key in OWNED)
        differs = not same or names.metadata_differs(live, fields["metadata"])
        return (Desired(INGRESS, name, fields, weights=True, differs=differs),)

    def _fields(self, context: Context, name: str, origin: Object, annotations: Wanted) -> Object:
        meta = names.metadata(context, name, marked=False)
        meta |= copied(origin, annotations.prefix)
        meta["annotations"] |= {**names.FLUX_MARKERS, **annotations.values}
        spec = {"rules": rules(origin, names.apex(context.canary))}
        if origin["spec"].get("ingressClassName"):
            spec["ingressClassName"] = origin["spec"]["ingressClassName"]
        return {"apiVersion": f"{GROUP}/v1", "kind": "Ingress", "metadata": meta, "spec": spec}

    def read(self, context: Context) -> Reading:
        """The share that the annotations of the canary Ingress carry."""
        canary = context.canary
        source, namespace = _source_name(canary), canary["metadata"]["namespace"]
        found = _readable(context, source, namespace)
        if isinstance(found, str):
            gone = (INGRESS, f"{source}-canary") not in context.live
            return Reading(None, Liveness.UNCONFIRMED, found, gone=gone)
        name = f"{source}-canary.{namespace}"
        weight = share(found, canary, context.ingress_annotations)
        if isinstance(weight, str):
            return Reading(None, Liveness.UNCONFIRMED, f"ingress {name} {weight}")
        return Reading(Routing(100 - weight, weight), Liveness.UNCONFIRMED)


def _source_name(canary: Object) -> str:
    return str((canary["spec"].get("ingressRef") or {}).get("name") or "")


def _readable(context: Context, source: str, namespace: str) -> Object | str:
    """The canary Ingress, or why its weight means nothing."""
    if not source:
        return "ingress selector is empty"
    for name in (source, f"{source}-canary"):
        if (INGRESS, name) not in context.live:
            missing = f'ingresses.{GROUP} "{name}" not found'
            return f"ingress {name}.{namespace} get query error: {missing}"
    apex = names.apex(context.canary)
    if not reaches(context.live[(INGRESS, source)], apex):
        return f"backend {apex} not found in ingress {source}"
    live = context.live[(INGRESS, f"{source}-canary")]
    other = names.other_canary(live, context.canary)
    if other:
        return f"ingress {source}-canary.{namespace} belongs to Canary {other}"
    if not names.belongs(live, context.canary):
        return f"ingress {source}-canary.{namespace} was made by a user: delete it"
    return live


PROVIDER = Nginx()
