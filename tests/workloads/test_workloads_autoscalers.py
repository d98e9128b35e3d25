"""The primary's autoscaler, and pausing the target's (lifecycle.md 14, api.md 3.2, D31)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from workload_objects import OWNER, recorded

from canary.workloads import autoscalers
from canary.workloads.autoscalers import HPA, SCALED_OBJECT, Overrides, primary_autoscaler

PAUSED = "autoscaling.keda.sh/paused-replicas"


def hpa(**spec: Any) -> dict[str, Any]:
    return {
        "metadata": {
            "name": "podinfo-hpa",
            "namespace": "test",
            "labels": {"team": "a", "kustomize.toolkit.fluxcd.io/name": "apps"},
            "annotations": {"note": "x"},
        },
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "podinfo"},
            "minReplicas": 3,
            "maxReplicas": 6,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu"}}],
            "behavior": {"scaleDown": {"stabilizationWindowSeconds": 5}},
            **spec,
        },
    }


def scaled_object(query: str = 'x{app="podinfo"}', **spec: Any) -> dict[str, Any]:
    return {
        "metadata": {
            "name": "podinfo-so",
            "namespace": "test",
            "labels": {"team": "a"},
            "annotations": {"note": "x", PAUSED: "0", "autoscaling.keda.sh/paused": "true"},
        },
        "spec": {
            "scaleTargetRef": {"name": "podinfo", "envSourceContainerName": "app"},
            "minReplicaCount": 2,
            "triggers": [
                {"type": "prometheus", "name": "load", "metadata": {"query": query}},
                {"type": "cron", "metadata": {"start": "podinfo"}},
            ],
            **spec,
        },
    }


def made(source: dict[str, Any], **overrides: Any) -> dict[str, Any]:
    kind = HPA if "metrics" in source["spec"] else SCALED_OBJECT
    before = copy.deepcopy(source)
    found = primary_autoscaler(kind, source, "podinfo", OWNER, Overrides(**overrides))
    assert source == before
    return found


def test_the_primarys_hpa() -> None:
    found = made(hpa())
    assert found["metadata"] == {
        "name": "podinfo-hpa-primary",
        "namespace": "test",
        "labels": {"team": "a"},
        "ownerReferences": [OWNER],
    }
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "podinfo-primary"}
    assert found["spec"] == hpa(scaleTargetRef=target)["spec"]


@pytest.mark.parametrize("final", [False, True])
def test_an_hpa_as_flagger_made_it(final: bool) -> None:
    objects = recorded("hpa", final=final)
    theirs = objects["HorizontalPodAutoscaler/app-primary"]
    owner = theirs["metadata"]["ownerReferences"][0]
    source = objects["HorizontalPodAutoscaler/app"]
    ours = primary_autoscaler(HPA, source, "app", owner, Overrides(least=3, most=6))
    assert {k: ours[k] for k in ("kind", "metadata", "spec")} == {
        k: theirs[k] for k in ("kind", "metadata", "spec")
    }


@pytest.mark.parametrize(
    ("overrides", "bounds"),
    [
        ({}, (3, 6)),
        ({"least": 4}, (4, 6)),
        ({"most": 8}, (3, 8)),
        ({"least": 4, "most": 8, "floor": 2}, (4, 8)),
        ({"floor": 5}, (5, 6)),
    ],
)
def test_bounds(overrides: dict[str, int], bounds: tuple[int, int]) -> None:
    spec = made(hpa(), **overrides)["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == bounds


def test_the_primarys_scaled_object_is_never_paused() -> None:
    """D31: metadata and unknown fields come along, a pause doesn't."""
    found = made(scaled_object(fallback={"replicas": 6}, newField={"a": 1}), least=3, most=7)
    assert found["metadata"]["labels"] == {"team": "a"}
    assert found["metadata"]["annotations"] == {"note": "x"}
    spec = found["spec"]
    assert spec["scaleTargetRef"] == {"name": "podinfo-primary", "envSourceContainerName": "app"}
    assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (3, 7)
    assert (spec["fallback"], spec["newField"]) == ({"replicas": 6}, {"a": 1})


def test_the_name_of_the_hpa_behind_it() -> None:
    nested = {"horizontalPodAutoscalerConfig": {"name": "mine", "behavior": {}}}
    spec = made(scaled_object(advanced=nested))["spec"]
    assert spec["advanced"]["horizontalPodAutoscalerConfig"]["name"] == "mine-primary"
    # Made empty where they are absent, as Flagger does.
    assert made(scaled_object())["spec"]["advanced"] == {"horizontalPodAutoscalerConfig": {}}


@pytest.mark.parametrize(
    ("query", "rewritten"),
    [
        ('sum(rate(x{app="podinfo"}[1m]))', 'sum(rate(x{app="podinfo-primary"}[1m]))'),
        ('x{svc="podinfo-canary"} / y{svc="podinfo"}', None),
        ("up", "up"),
    ],
)
def test_queries_ask_for_the_primary(query: str, rewritten: str | None) -> None:
    first, second = made(scaled_object(query))["spec"]["triggers"]
    wanted = rewritten or 'x{svc="podinfo-primary"} / y{svc="podinfo-primary"}'
    assert first["metadata"] == {"query": wanted}
    assert second["metadata"] == {"start": "podinfo"}


@pytest.mark.parametrize(
    ("queries", "query"), [({"load": "mine"}, "mine"), ({"other": "mine"}, 'x{app="podinfo"}')]
)
def test_given_queries_replace_those_of_their_triggers(queries: dict[str, str], query: str) -> None:
    """With any given, nothing else is rewritten."""
    first, _ = made(scaled_object(), queries=queries)["spec"]["triggers"]
    assert first["metadata"]["query"] == query


@pytest.mark.parametrize(
    ("scaler", "kind", "replicas"),
    [
        (hpa(), HPA, 3),
        (hpa(minReplicas=0), HPA, 1),
        (scaled_object(), SCALED_OBJECT, 2),
        (scaled_object(minReplicaCount=0), SCALED_OBJECT, 1),
        (scaled_object(minReplicaCount=None), SCALED_OBJECT, 1),
    ],
)
def test_a_target_starts_with_the_minimum(
    scaler: dict[str, Any], kind: autoscalers.AutoscalerKind, replicas: int
) -> None:
    assert autoscalers.least(kind, scaler) == replicas


def test_the_maximum() -> None:
    assert autoscalers.most(HPA, hpa(), Overrides()) == 6
    assert autoscalers.most(HPA, hpa(), Overrides(most=9)) == 9
    assert autoscalers.most(SCALED_OBJECT, scaled_object(), Overrides()) is None


@pytest.mark.parametrize(
    ("scaler", "kind", "other"),
    [
        (hpa(), HPA, ""),
        (scaled_object(), SCALED_OBJECT, ""),
        (
            hpa(scaleTargetRef={"kind": "StatefulSet", "name": "podinfo"}),
            HPA,
            "HorizontalPodAutoscaler podinfo-hpa.test scales a StatefulSet, "
            "the target is a Deployment",
        ),
    ],
)
def test_an_autoscaler_of_something_else(
    scaler: dict[str, Any], kind: autoscalers.AutoscalerKind, other: str
) -> None:
    assert autoscalers.other_target(kind, scaler, "Deployment") == other


def test_what_others_added_to_the_copy_is_no_difference() -> None:
    """D31: metadata of others stays; what the server leaves out as empty equals nothing."""
    wanted = made(hpa())
    live = copy.deepcopy(wanted)
    live["metadata"]["labels"]["mine"] = "kept"
    live["metadata"]["annotations"] = {"seen": "yes"}
    assert autoscalers.autoscaler_patch(live, wanted) == []
    changed = made(hpa(minReplicas=4))
    assert autoscalers.autoscaler_patch(live, changed) == [
        {"op": "replace", "path": "/spec", "value": changed["spec"]}
    ]
    relabelled = hpa()
    relabelled["metadata"]["labels"]["team"] = "b"
    assert autoscalers.autoscaler_patch(live, made(relabelled)) == [
        {"op": "add", "path": "/metadata/labels", "value": {"team": "b", "mine": "kept"}}
    ]


def test_a_copy_of_a_canary_before_this_one() -> None:
    wanted = made(hpa())
    former = {**OWNER, "uid": "other"}
    live = {**wanted, "metadata": {**wanted["metadata"], "ownerReferences": [former]}}
    assert autoscalers.autoscaler_patch(live, wanted) == [
        {
            "op": "add",
            "path": "/metadata/ownerReferences",
            "value": [{**former, "controller": False}, OWNER],
        }
    ]


def test_pausing_and_resuming() -> None:
    live = scaled_object()
    assert autoscalers.pause(live) == []
    path = "/metadata/annotations/autoscaling.keda.sh~1paused-replicas"
    assert autoscalers.resume(live) == [{"op": "remove", "path": path}]
    live["metadata"]["annotations"] = {"note": "x"}
    assert autoscalers.resume(live) == []
    value = {"note": "x", PAUSED: "0"}
    assert autoscalers.pause(live) == [
        {"op": "add", "path": "/metadata/annotations", "value": value}
    ]


def test_a_pause_at_another_size_is_a_users() -> None:
    live = scaled_object()
    live["metadata"]["annotations"][PAUSED] = "3"
    assert autoscalers.resume(live) == []


@pytest.mark.parametrize(("floor", "patched"), [(0, False), (3, False), (5, True)])
def test_a_floor_in_mid_rollout_changes_the_minimum_only(floor: int, patched: bool) -> None:
    patch = [{"op": "add", "path": "/spec/minReplicas", "value": 5}] if patched else []
    assert autoscalers.floor_patch(HPA, hpa(), floor) == patch
