"""What is said when metrics have no values, and what edges of a spec come to."""

from __future__ import annotations

from typing import Any

from e2e.record.manifests import (
    BUILTIN,
    CUSTOM,
    INSIDER,
    hooks,
    image,
    match,
    patch,
    setting,
    weights,
)
from e2e.record.scenario import record

GW = "gatewayapi:v1"
FAILED = {"phase": "Failed"}
NEW = image("6.0.1")
STEPS = weights(20, 60)
ONE_STEP = weights(50, 50)
_SILENT: dict[str, Any] = {"answers": {"": [None]}, "ends": FAILED}
"""No query has a value."""

record("istio-no-values", setting("istio", **STEPS, metrics=BUILTIN), NEW, **_SILENT)
record("gw-no-values-builtin", setting(GW, **STEPS, metrics=BUILTIN), NEW, **_SILENT)
record("nginx-no-values", setting("nginx", **STEPS, metrics=BUILTIN), NEW, **_SILENT)
record("k8s-no-values", setting("kubernetes", iterations=2, metrics=BUILTIN), NEW, **_SILENT)
record(
    "istio-slow",
    setting("istio", **STEPS, metrics=BUILTIN[1:]),
    NEW,
    answers={"duration": [1234.5]},
    ends=FAILED,
)
record(
    "gw-superseded-failing",
    setting(GW, **{**STEPS, "threshold": 3}),
    NEW,
    image("6.0.2", failedChecks=2),
    answers={"sr{": [99.5, 50.0, 50.0, 99.5]},
)
record(
    "gw-skip-later",
    setting(GW, **STEPS),
    NEW,
    patch("Canary", {"spec": {"skipAnalysis": True}}, canaryWeight=20),
)
record(
    "gw-gate-reverted",
    setting(GW, **STEPS, webhooks=hooks("confirm-rollout")),
    NEW,
    image("6.0.0", phase="Waiting"),
    hooks={"confirm-rollout": [500]},
    ends={"phase": "Waiting"},
    rest=25.0,
)
record("gw-match-weights", setting(GW, **ONE_STEP, match=match(INSIDER)), NEW)
record(
    "gw-least",
    setting(
        GW,
        service={"port": 9898, "targetPort": None, "hosts": None},
        spec={"progressDeadlineSeconds": None},
        threshold=1,
        metrics=None,
        stepWeight=100,
    ),
    NEW,
)
record("gw-one-port", setting(GW, service={"port": 9898, "targetPort": None}, **ONE_STEP), NEW)
record(
    "gw-no-interval",
    setting(
        GW,
        **ONE_STEP,
        metrics=[{key: value for key, value in CUSTOM.items() if key != "interval"}],
    ),
    NEW,
)
record(
    "nginx-prefix",
    setting("nginx", **ONE_STEP),
    NEW,
    flags=("-ingress-annotations-prefix=custom.ingress.kubernetes.io",),
)
record(
    "gw-cluster-name",
    setting(GW, **ONE_STEP),
    NEW,
    flags=(
        "-cluster-name=c1",
        "-msteams-url=http://127.0.0.1:9099/alert/NAMESPACE/global-teams",
    ),
)
