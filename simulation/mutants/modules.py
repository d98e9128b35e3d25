"""The modules that are broken, most important first."""

from __future__ import annotations

ENGINE = tuple(
    f"canary.rollout.{name}"
    for name in (
        "rules.analysis", "rules.exits", "rules.fall", "rules.gates", "rules.intents",
        "rules.promotion", "rules.readiness", "rules.standing", "rules.start", "rules.stays",
        "moves.base", "moves.exits", "moves.gates", "moves.intents", "moves.promotion",
        "moves.rest", "moves.run",
        "decide", "view", "settled", "speak", "plan", "adopt", "stage", "record", "affinity",
        "gates", "outbox", "sizes", "stay", "status", "intent", "world",
    )
)  # fmt: skip
PROJECTION = tuple(
    f"canary.controller.{name}"
    for name in (
        "projection", "projected_routes", "projected_services", "projected_workloads",
        "projected_autoscalers", "projected_copies", "projected_exits", "releases", "templates",
        "vet",
    )
)  # fmt: skip
RUNTIME = (
    *(
        f"canary.controller.{name}"
        for name in (
            "reconcile", "observe", "memory", "asker", "committer", "commits", "executor",
            "projector", "drift", "heralds", "admission", "announcer", "controller",
            "dependencies", "digests", "evaluation", "gather", "records", "remember", "requests",
            "scene", "tracked", "triggers", "viewing", "webhooks", "autoscaling",
        )
    ),
    *(
        f"canary.kube.{name}"
        for name in ("store", "queue", "reflector", "lease", "leaserecord", "caches", "client")
    ),
)  # fmt: skip
ALL = (*ENGINE, *PROJECTION, *RUNTIME)
