"""DaemonSets as targets (lifecycle.md 2.4, 9, 14)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from workload_objects import LABEL, OWNER, deployment, template

from canary.workloads import daemonset
from canary.workloads.primary import primary_workload, promotion_patch
from canary.workloads.readiness import Ready, Waiting
from canary.workloads.targets import DAEMON_SET

KEY = "flagger.app/scale-to-zero"
ADD = {"op": "add", "path": "/spec/template/spec/nodeSelector/flagger.app~1scale-to-zero"}
REMOVE = {"op": "remove", "path": "/spec/template/spec/nodeSelector/flagger.app~1scale-to-zero"}


def daemon(selector: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    pods = template() if selector is None else template(nodeSelector=selector)
    found = deployment(pods, **spec)
    del found["spec"]["replicas"]
    return {**found, "kind": "DaemonSet"}


def test_the_selector_is_its_zero() -> None:
    assert daemonset.size(daemon()) == 1
    assert daemonset.size(daemon({"disk": "ssd"})) == 1
    assert daemonset.size(daemon({"disk": "ssd", KEY: "true"})) == 0


@pytest.mark.parametrize(
    ("selector", "replicas", "patch"),
    [
        (None, 0, [{**ADD, "path": "/spec/template/spec/nodeSelector", "value": {KEY: "true"}}]),
        ({}, 0, [{**ADD, "value": "true"}]),
        ({"disk": "ssd"}, 0, [{**ADD, "value": "true"}]),
        ({"disk": "ssd", KEY: "true"}, 1, [REMOVE]),
    ],
)
def test_resizing_leaves_other_selectors(
    selector: dict[str, str] | None, replicas: int, patch: list[dict[str, Any]]
) -> None:
    assert daemonset.resize(daemon(selector), replicas) == patch


@pytest.mark.parametrize("selector", [None, {"disk": "ssd"}])
def test_the_template_is_the_same_at_zero(selector: dict[str, str] | None) -> None:
    idle = daemon({**(selector or {}), KEY: "true"})
    before = copy.deepcopy(idle)
    assert daemonset.template(idle) == daemon(selector)["spec"]["template"]
    assert idle == before


def test_the_primary_has_no_replicas_and_its_own_update_strategy() -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 2}}
    target = daemon(updateStrategy=strategy, minReadySeconds=3, revisionHistoryLimit=4)
    made = primary_workload(
        DAEMON_SET, target, template(), label=LABEL, owner=OWNER, prefixes=(), replicas=None
    )
    assert (made["apiVersion"], made["kind"]) == ("apps/v1", "DaemonSet")
    assert made["spec"] == {
        "updateStrategy": strategy,
        "minReadySeconds": 3,
        "revisionHistoryLimit": 4,
        "selector": {"matchLabels": {"app": "podinfo-primary"}},
        "template": template(),
    }
    changed = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}}
    assert promotion_patch(DAEMON_SET, made, daemon(updateStrategy=changed), template())[1:] == [
        {"op": "add", "path": "/spec/updateStrategy", "value": changed}
    ]


@pytest.mark.parametrize(("kind", "usable"), [("RollingUpdate", True), ("OnDelete", False)])
def test_the_update_strategy(kind: str, usable: bool) -> None:
    text = daemonset.unusable_strategy(daemon(updateStrategy={"type": kind}))
    wanted = "daemonset podinfo.test must have RollingUpdate strategy but have OnDelete"
    assert text == ("" if usable else wanted)
    assert daemonset.unusable_strategy(daemon()) == ""


def reported(desired: int, updated: int, available: int, seen: int = 4) -> dict[str, Any]:
    status = {
        "observedGeneration": seen,
        "desiredNumberScheduled": desired,
        "updatedNumberScheduled": updated,
        "numberAvailable": available,
    }
    return {**daemon(), "status": status}


WAIT = "waiting for rollout to finish: "


@pytest.mark.parametrize(
    ("obj", "threshold", "text"),
    [
        (reported(3, 3, 3), 100, None),
        (reported(3, 3, 2), 67, None),
        (reported(3, 3, 3, seen=3), 100, "observed daemonset generation less than desired"),
        (reported(3, 0, 3), 100, "0 out of 3 new pods have been updated"),
        (reported(3, 3, 0), 100, "0 of 3 (readyThreshold 100%) updated pods are available"),
        (reported(4, 4, 2), 75, "2 of 3 (readyThreshold 75%) updated pods are available"),
        # D20: no pod at all is not ready
        (reported(0, 0, 0), 100, "0 of 1 pods are available"),
        (reported(3, 3, 0), 0, "0 of 3 pods are available"),
    ],
)
def test_readiness(obj: dict[str, Any], threshold: int, text: str | None) -> None:
    state = daemonset.readiness(obj, threshold)
    if text is None:
        assert state == Ready()
    else:
        assert isinstance(state, Waiting) and state.text.startswith(WAIT + text)


def test_pods_on_nodes_that_are_no_longer_selected_still_exist() -> None:
    status = {"currentNumberScheduled": 1, "numberMisscheduled": 2}
    assert daemonset.pods({**daemon(), "status": status}) == 3
    assert daemonset.pods(daemon()) == 0
