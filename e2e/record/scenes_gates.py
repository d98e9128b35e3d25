"""Webhooks, gates and alerts."""

from __future__ import annotations

from e2e.record.manifests import hooks, image, setting, weights
from e2e.record.scenario import Obj, record
from e2e.replay import RECORDED

GW = "gatewayapi:v1"
FAILED = {"phase": "Failed"}
NEW = image("6.0.1")
STEPS = weights(30, 60)
CHATS = ("slack", "msteams", "discord", "rocket", "gchat")


def chat(kind: str) -> Obj:
    """An AlertProvider of this type."""
    address = f"{RECORDED}/alert/NAMESPACE/{kind}"
    spec = {"type": kind, "channel": "ops", "username": "flagger", "address": address}
    return {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "AlertProvider",
        "metadata": {"name": kind},
        "spec": spec,
    }


def alerts(**severities: str) -> list[Obj]:
    """One alert for each chat, of this severity."""
    return [
        {"name": kind, "severity": severity, "providerRef": {"name": kind}}
        for kind, severity in severities.items()
    ]


_EVERYTHING = dict.fromkeys(CHATS, "info")

record(
    "gw-gates",
    setting(
        GW,
        *(chat(kind) for kind in CHATS),
        **STEPS,
        webhooks=hooks("confirm-rollout", "confirm-traffic-increase", "confirm-promotion", "event"),
        alerts=alerts(**_EVERYTHING),
    ),
    NEW,
    hooks={
        "confirm-rollout": [500, 500, 200],
        "confirm-traffic-increase": [200, 500, 500, 200],
        "confirm-promotion": [500, 500, 200],
    },
)
record(
    "gw-alerts-failed",
    setting(
        GW,
        *(chat(kind) for kind in CHATS),
        **STEPS,
        alerts=alerts(slack="info", msteams="warn", discord="error", rocket="error", gchat="info"),
    ),
    NEW,
    answers={"sr{": [99.5, 50.0]},
    ends=FAILED,
)
record(
    "gw-global-slack",
    setting(GW, **weights(50, 50)),
    NEW,
    flags=(f"-slack-url={RECORDED}/alert/NAMESPACE/global", "-slack-channel=ops"),
)
record(
    "gw-event-webhook",
    setting(GW, **weights(50, 50)),
    NEW,
    flags=(f"-event-webhook={RECORDED}/hook/NAMESPACE/all-events",),
)
record(
    "gw-rollback-hook",
    setting(GW, **STEPS, webhooks=hooks("rollback", "rollout", "post-rollout")),
    NEW,
    hooks={"rollback": [500, 500, 200]},
    ends=FAILED,
)
record(
    "gw-pre-rollout-fail",
    setting(GW, **STEPS, webhooks=hooks("pre-rollout", "rollout", "post-rollout", "event")),
    NEW,
    hooks={"pre-rollout": [500]},
    ends=FAILED,
)
record(
    "gw-rollout-fail",
    setting(GW, **STEPS, webhooks=hooks("pre-rollout", "rollout", "post-rollout")),
    NEW,
    hooks={"rollout": [200, 500]},
    ends=FAILED,
)
record(
    "gw-post-rollout-fail",
    setting(GW, **weights(50, 50), webhooks=hooks("post-rollout", "event")),
    NEW,
    hooks={"post-rollout": [500]},
)
record(
    "k8s-gates",
    setting(
        "kubernetes",
        iterations=2,
        webhooks=hooks("confirm-rollout", "pre-rollout", "rollout", "confirm-promotion"),
    ),
    NEW,
    hooks={"confirm-rollout": [500, 200], "confirm-promotion": [500, 500, 200]},
)
record(
    "istio-mirror-gates",
    setting(
        "istio",
        **STEPS,
        mirror=True,
        webhooks=hooks("pre-rollout", "rollout", "confirm-traffic-increase", "post-rollout"),
    ),
    NEW,
)
