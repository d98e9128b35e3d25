"""Strategies on each provider, through good releases and bad ones."""

from __future__ import annotations

from e2e.record.manifests import BUILTIN, COOKIE, INSIDER, image, match, setting, weights
from e2e.record.scenario import record

FAILED = {"phase": "Failed"}
NEW = image("6.0.1")
BAD = {"answers": {"sr{": [99.5, 50.0]}, "ends": FAILED}
"""The custom metric fails from the second check on."""
SLOW = {"answers": {"duration": [120.0, 900.0]}, "ends": FAILED}
"""Requests take too long from the second check on."""
AFFINITY = {"sessionAffinity": {"cookieName": "aff", "maxAge": 60}}
PRIMARY = {"sessionAffinity": {"cookieName": "aff", "primaryCookieName": "prim"}}
AB = {"iterations": 2, "match": match(INSIDER, COOKIE)}
BLUE_GREEN = {"iterations": 2}

record("istio-fail", setting("istio", **weights(), metrics=BUILTIN), NEW, **SLOW)
record("istio-mirror", setting("istio", **weights(), mirror=True, mirrorWeight=50), NEW)
record("istio-mirror-fail", setting("istio", **weights(), mirror=True), NEW, **BAD)
record("istio-affinity", setting("istio", **weights(), **AFFINITY), NEW)
record("istio-affinity-fail", setting("istio", **weights(), **PRIMARY), NEW, **BAD)
record("istio-ab-fail", setting("istio", **AB), NEW, **BAD)
record("istio-bluegreen", setting("istio", **BLUE_GREEN), NEW)
record("istio-bluegreen-mirror", setting("istio", **BLUE_GREEN, mirror=True), NEW)
record(
    "istio-promotion-steps",
    setting("istio", stepWeights=[10, 50, 80], stepWeightPromotion=40),
    NEW,
)

record("gw-builtin-fail", setting("gatewayapi:v1", **weights(), metrics=BUILTIN), NEW, **SLOW)
record("gw-ab", setting("gatewayapi:v1", **AB), NEW)
record("gw-ab-fail", setting("gatewayapi:v1", **AB), NEW, **BAD)
record("gw-bluegreen", setting("gatewayapi:v1", **BLUE_GREEN), NEW)
record("gw-bluegreen-mirror", setting("gatewayapi:v1", **BLUE_GREEN, mirror=True), NEW)
record("gw-affinity-fail", setting("gatewayapi:v1", **weights(), **AFFINITY), NEW, **BAD)
record("gw-affinity-primary", setting("gatewayapi:v1", **weights(), **PRIMARY), NEW)
record("gw-step-weights", setting("gatewayapi:v1", stepWeights=[5, 25, 100]), NEW)
record(
    "gw-promotion-steps",
    setting("gatewayapi:v1", **weights(50, 50), stepWeightPromotion=25),
    NEW,
)
record("gw-no-maximum", setting("gatewayapi:v1", stepWeight=40), NEW)

record("nginx-fail", setting("nginx", **weights(), metrics=BUILTIN), NEW, **SLOW)
record(
    "nginx-ab",
    setting(
        "nginx",
        iterations=2,
        match=match({"x-canary": {"exact": "insider"}}, {"cookie": {"exact": "canary"}}),
    ),
    NEW,
)
record(
    "nginx-ab-fail",
    setting("nginx", iterations=2, match=match({"x-canary": {"regex": "ins.*"}})),
    NEW,
    **BAD,
)
record("k8s-bluegreen-fail", setting("kubernetes", **BLUE_GREEN), NEW, **BAD)
record(
    "k8s-builtin",
    setting("kubernetes", **BLUE_GREEN, metrics=BUILTIN),
    NEW,
    answers={"bucket": [0.12]},
)
