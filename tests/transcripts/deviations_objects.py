"""Where nothing but objects is otherwise than Flagger has them in a recording."""

from __future__ import annotations

from collections.abc import Mapping

from tests.transcripts.deviation import ABSENT, ANY, Deviation

_LOCALITY = "spec.trafficPolicy.loadBalancer.localityLbSetting.enabled"

OBJECTS: Mapping[str, Deviation] = {
    "gw-threshold-0": Deviation(
        "design: every decision explains itself",
        fields={"Canary/app status.conditions": ANY},
    ),
    "gw-optout-image": Deviation(
        "D32",
        fields={
            "Deployment/app-primary metadata.annotations.flagger.app/config-tracking": ABSENT,
        },
    ),
    "gw-service-target": Deviation(
        # Flagger's promotion makes the copy an object of nobody, without labels.
        "D32, D41",
        fields={
            "Service/app-primary metadata.labels": ABSENT,
            "Service/app-primary metadata.ownerReferences": ANY,
        },
    ),
    # A port that changes its name has no endpoints for a moment.
    "k8s-adopted": Deviation("providers D31", fields={"Service/app spec.ports.0.name": "web"}),
    "istio-odd": Deviation(
        "providers D49",
        fields={f"DestinationRule/app-{side} {_LOCALITY}": False for side in ("canary", "primary")},
    ),
    "gw-affinity-attributes": Deviation(
        "providers D39",
        fields={
            "HTTPRoute/app spec.rules.0.filters.0.responseHeaderModifier.add.0.value": (
                "aff=of the run; Max-Age=-1; Domain=example.com; HttpOnly; Partitioned; "
                "Path=/app; SameSite=Strict; Secure"
            )
        },
    ),
    "istio-affinity-attributes": Deviation(
        "providers D37, D39",
        fields={
            "VirtualService/app spec.http.0.headers.response.add.Set-Cookie": (
                "aff=of the run; Max-Age=-1; Domain=example.com; HttpOnly; Path=/app; "
                "SameSite=Lax; Secure"
            ),
            "VirtualService/app spec.http.1.headers.response.add.Set-Cookie": ABSENT,
        },
    ),
}
