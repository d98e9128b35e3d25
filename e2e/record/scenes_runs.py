"""How runs go: revisions, checks, suspension, deadlines and edits in mid-run."""

from __future__ import annotations

from e2e.record.manifests import CUSTOM, canary, image, patch, setting, template, weights, workload
from e2e.record.scenario import record

GW = "gatewayapi:v1"
FAILED = {"phase": "Failed"}
NEW = image("6.0.1")
STEPS = weights(20, 60)

record(
    "gw-superseded",
    setting(GW, **STEPS),
    NEW,
    image("6.0.2", phase="Progressing", canaryWeight=40),
)
record(
    "gw-reverted",
    setting(GW, **STEPS),
    NEW,
    image("6.0.0", phase="Progressing", canaryWeight=40),
    rest=60.0,
)
record(
    "gw-failed-then-good",
    setting(GW, **weights()),
    NEW,
    image("6.0.2", phase="Failed"),
    answers={"sr{": [99.5, 50.0, 50.0, 99.5]},
)
record("gw-one-bad-check", setting(GW, **STEPS), NEW, answers={"sr{": [99.5, 50.0, 99.5]})
record("gw-no-values", setting(GW, **STEPS), NEW, answers={"sr{": [None]}, ends=FAILED)
record("gw-no-metrics", setting(GW, **STEPS, metrics=[]), NEW)
record(
    "gw-threshold-0",
    setting(GW, **{**STEPS, "threshold": 0}),
    NEW,
    answers={"sr{": [99.5, 50.0]},
    ends={"phase": "Failed"},
)
record("gw-skip", setting(GW, **STEPS, spec={"skipAnalysis": True}), NEW)
record("istio-skip", setting("istio", **STEPS, spec={"skipAnalysis": True}), NEW)
record("k8s-skip", setting("kubernetes", iterations=2, spec={"skipAnalysis": True}), NEW)
record(
    "gw-suspend",
    setting(GW, **STEPS),
    NEW,
    patch("Canary", {"spec": {"suspend": True}}, phase="Progressing", canaryWeight=20),
    {**patch("Canary", {"spec": {"suspend": False}}, canaryWeight=20), "after": 25.0},
)
record(
    "gw-deadline",
    setting(GW, **STEPS, spec={"progressDeadlineSeconds": 20}),
    image("6.0.1-nopull"),
    ends=FAILED,
)
record(
    "gw-deadline-workload",
    [
        template(),
        workload(progressDeadlineSeconds=15),
        canary(GW, **STEPS, spec={"progressDeadlineSeconds": 200}),
    ],
    image("6.0.1-nopull"),
    ends=FAILED,
)
record(
    "gw-step-edited",
    setting(GW, **STEPS),
    NEW,
    patch("Canary", {"spec": {"analysis": {"stepWeight": 40}}}, canaryWeight=20),
)
record(
    "gw-service-edited",
    setting(GW, **weights()),
    patch("Canary", {"spec": {"service": {"hosts": ["app.example.com", "b.example.com"]}}}),
    ends={"phase": "Initialized"},
    rest=35.0,
)
record(
    "gw-ranges",
    [
        template(),
        template("errors", 'errors{ns="{{ namespace }}"}[{{ interval }}]'),
        template("rate", 'rate{of="{{ variables.of }}",as="{{ variables.as }}"}'),
        workload(),
        canary(
            GW,
            **weights(),
            metrics=[
                CUSTOM,
                {
                    "name": "errors",
                    "templateRef": {"name": "errors"},
                    "thresholdRange": {"max": 5, "min": 1},
                    "interval": "1m",
                },
                {
                    "name": "rate",
                    "templateRef": {"name": "rate"},
                    "templateVariables": {"of": "requests", "as": "total"},
                    "thresholdRange": {"min": 10},
                },
            ],
        ),
    ],
    NEW,
    answers={"errors{": [3.0, 7.25, 0.5], "rate{": [12.0]},
    ends=FAILED,
)
record(
    "gw-inline-query",
    setting(
        GW,
        **weights(),
        metrics=[
            {
                "name": "inline",
                "query": 'inline{job="app"}',
                "thresholdRange": {"max": 500},
                "interval": "1m",
            },
            {"name": "old", "query": 'old{job="app"}', "threshold": 99, "interval": "1m"},
        ],
    ),
    NEW,
    answers={"inline{": [3.0, 700.0], "old{": [3.0]},
    ends=FAILED,
)
