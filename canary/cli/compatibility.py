"""What of Flagger 1.44's API this engine runs: the table of the README, made from the code.

``python -m canary.cli.compatibility`` writes it between its two markers; with ``--check`` it writes
nothing and fails when the page isn't what would be written. Each part is asked for in a Canary, and
runs if nothing of that Canary is refused.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from analysis.models import ProviderType
from canary.api.canary import parse
from canary.api.spec import Provider
from canary.api.support import METRIC_SOURCES, PROVIDERS, refusals
from canary.cli import generated
from canary.notify.receiver import ChatType

BEGIN = "<!-- compatibility: written by python -m canary.cli.compatibility -->"
END = "<!-- end of compatibility -->"

_HOOKS = (
    "confirm-rollout",
    "pre-rollout",
    "rollout",
    "confirm-traffic-increase",
    "confirm-promotion",
    "post-rollout",
    "rollback",
    "event",
)
_STEPS = {"stepWeight": 10, "maxWeight": 50}
_PARTS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "targets": {
        "Deployment": {},
        "DaemonSet": {"targetRef": {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "a"}},
        "Service": {"targetRef": {"apiVersion": "v1", "kind": "Service", "name": "a"}},
        "Knative Service": {
            "targetRef": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "a"}
        },
    },
    "strategies": {
        "canary (`stepWeight`)": {"analysis": _STEPS},
        "canary (`stepWeights`)": {"analysis": {"stepWeights": [1, 10]}},
        "`stepWeightPromotion`": {"analysis": {**_STEPS, "stepWeightPromotion": 10}},
        "A/B testing (`match`)": {
            "analysis": {"iterations": 2, "match": [{"headers": {"x-canary": {"exact": "yes"}}}]}
        },
        "blue/green (`iterations`)": {"analysis": {"iterations": 2}},
        "mirroring": {"analysis": {**_STEPS, "mirror": True, "mirrorWeight": 50}},
        "session affinity": {"analysis": {**_STEPS, "sessionAffinity": {"cookieName": "a"}}},
        "`skipAnalysis`": {"skipAnalysis": True},
        "`suspend`": {"suspend": True},
    },
    "around it": {
        "HorizontalPodAutoscaler": {
            "autoscalerRef": {
                "apiVersion": "autoscaling/v2",
                "kind": "HorizontalPodAutoscaler",
                "name": "a",
            }
        },
        "KEDA ScaledObject": {
            "autoscalerRef": {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "name": "a"}
        },
        "`revertOnDeletion`": {"revertOnDeletion": True},
    },
}
"""Parts of the API, and the fields of a Canary's spec that ask for them."""


def table() -> str:
    """What runs, and what is refused by name, as Markdown."""
    rows = ["| | runs | refused by name, for now |", "|---|---|---|"]
    rows += [_row(area, {name: _runs(spec) for name, spec in parts.items()})
             for area, parts in _PARTS.items()]  # fmt: skip
    hooks = {f"`{kind}`": _runs(_hooked(kind)) for kind in _HOOKS}
    rows.append(_row("webhooks", hooks))
    rows.append(_row("`provider`", {f"`{p}`": p in PROVIDERS for p in get_args(Provider)}))
    sources = {f"`{kind}`": kind in METRIC_SOURCES for kind in get_args(ProviderType)}
    rows.append(_row("MetricTemplate", sources))
    chats = {f"`{kind}`": True for kind in get_args(ChatType)}
    rows.append(_row("AlertProvider", chats))
    return "\n".join(rows)


def _row(area: str, parts: Mapping[str, bool]) -> str:
    yes = ", ".join(name for name, runs in parts.items() if runs)
    no = ", ".join(name for name, runs in parts.items() if not runs)
    return f"| {area} | {yes or '-'} | {no or '-'} |"


def _hooked(kind: str) -> Mapping[str, Any]:
    hook = {"name": "a", "type": kind, "url": "http://a.test"}
    return {"analysis": {**_STEPS, "webhooks": [hook]}}


def _runs(spec: Mapping[str, Any]) -> bool:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "a"}
    whole = {"targetRef": target, "service": {"port": 80}, "analysis": _STEPS, **spec}
    whole["analysis"] = {"interval": "1m", "threshold": 5, **whole["analysis"]}
    canary = parse({"metadata": {"name": "a", "namespace": "a"}, "spec": whole})
    return not refusals(canary, "istio")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the table; 1 when it is stale."""

    def updated(page: str) -> str:
        return generated.between(page, BEGIN, END, table())

    return generated.main("canary.cli.compatibility", __doc__, "README.md", updated, arguments)


if __name__ == "__main__":
    sys.exit(main())
