"""What a promotion patches in the live primary, and when it has drifted (lifecycle.md 2.3)."""

from __future__ import annotations

from typing import Any

import pytest
from workload_objects import LABEL, OWNER, container, deployment, template

from canary.workloads.primary import (
    primary_template,
    primary_workload,
    promotion_patch,
    template_drift,
)
from canary.workloads.targets import DEPLOYMENT

ID = "06354742-cb76-436c-a424-29de933b5ec9"


def rewritten(pods: dict[str, Any], **changes: Any) -> dict[str, Any]:
    given = {"label": LABEL, "target_name": "podinfo", "tracked": (), "flagger_id": ID}
    return primary_template(pods, **{**given, **changes})


def made(target: dict[str, Any], prefixes: tuple[str, ...] = ()) -> dict[str, Any]:
    return primary_workload(
        DEPLOYMENT,
        target,
        rewritten(template()),
        label=LABEL,
        owner=OWNER,
        prefixes=prefixes,
        replicas=3,
    )


def test_a_promotion_replaces_the_template_and_the_settings_that_differ() -> None:
    live = made(deployment(minReadySeconds=5, revisionHistoryLimit=10))
    target = deployment(minReadySeconds=9, revisionHistoryLimit=10, progressDeadlineSeconds=60)
    new = rewritten(template(hostNetwork=True))
    assert promotion_patch(DEPLOYMENT, live, target, new) == [
        {"op": "replace", "path": "/spec/template", "value": new},
        {"op": "add", "path": "/spec/minReadySeconds", "value": 9},
        {"op": "add", "path": "/spec/progressDeadlineSeconds", "value": 60},
    ]


def test_a_correction_of_drift_replaces_the_template_only() -> None:
    live, new = made(deployment(minReadySeconds=5)), rewritten(template())
    assert promotion_patch(DEPLOYMENT, live, None, new) == [
        {"op": "replace", "path": "/spec/template", "value": new}
    ]


def test_a_primary_as_it_was_made_has_not_drifted() -> None:
    live = made(deployment())
    assert template_drift(live, rewritten(template())) == ()
    assert template_drift(live, rewritten(template()), run=ID) == ()


def test_empty_parts_and_creation_time_are_no_drift() -> None:
    live = made(deployment())
    live["spec"]["template"]["metadata"]["creationTimestamp"] = None
    live["spec"]["template"]["spec"] |= {"securityContext": {}, "volumes": []}
    assert template_drift(live, rewritten(template())) == ()


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"hostNetwork": True}, "spec.template.spec.hostNetwork"),
        (
            {"containers": [{"name": "podinfo", "image": "podinfo:2.0.0"}]},
            "spec.template.spec.containers[0].image",
        ),
        (
            {"containers": [container(), container(name="sidecar")]},
            "spec.template.spec.containers",
        ),
    ],
)
def test_drift_is_named_by_its_path(change: dict[str, Any], path: str) -> None:
    live = made(deployment())
    live["spec"]["template"]["spec"] |= change
    assert template_drift(live, rewritten(template())) == (path,)


def test_the_flagger_id_counts_where_a_run_is_meant() -> None:
    # A promotion of data alone is nothing but a new id.
    live = made(deployment())
    other = rewritten(template(), flagger_id="another")
    assert template_drift(live, other) == ()
    assert template_drift(live, other, run="another") == (
        "spec.template.metadata.annotations.flagger-id",
    )
