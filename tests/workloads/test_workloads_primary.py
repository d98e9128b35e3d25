"""The primary Deployment (lifecycle.md 2.3)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from workload_objects import LABEL, OWNER, deployment, recorded, template

from canary.workloads.configs import references
from canary.workloads.labels import SelectorLabel
from canary.workloads.primary import (
    primary_template,
    primary_workload,
)
from canary.workloads.targets import DEPLOYMENT

ID = "06354742-cb76-436c-a424-29de933b5ec9"


def rewritten(pods: dict[str, Any], **changes: Any) -> dict[str, Any]:
    given = {"label": LABEL, "target_name": "podinfo", "tracked": (), "flagger_id": ID}
    return primary_template(pods, **{**given, **changes})


@pytest.mark.parametrize("final", [False, True], ids=["initialised", "promoted"])
def test_a_primary_is_what_flagger_made_of_the_same_target(final: bool) -> None:
    objects = recorded("config-change", final=final)
    target, primary = objects["Deployment/app"], objects["Deployment/app-primary"]
    mark = primary["spec"]["template"]["metadata"]["annotations"]["flagger-id"]
    label = SelectorLabel("app", "app")
    pods = target["spec"]["template"]
    made = primary_workload(
        DEPLOYMENT,
        target,
        rewritten(pods, label=label, target_name="app", tracked=references(pods), flagger_id=mark),
        label=label,
        owner=primary["metadata"]["ownerReferences"][0],
        prefixes=(),
        replicas=2,
    )
    assert made["spec"] == primary["spec"]
    # D32: no annotations of the target but those of the prefixes, at creation too
    wanted = {key: value for key, value in primary["metadata"].items() if key != "annotations"}
    assert made["metadata"] == wanted


def test_all_labels_come_along_but_the_selectors_and_those_of_flux() -> None:
    pods = template()
    pods["metadata"]["labels"] |= {"team": "a", "kustomize.toolkit.fluxcd.io/name": "apps"}
    labels = rewritten(pods)["metadata"]["labels"]
    assert labels == {"app": "podinfo-primary", "team": "a"}


def test_annotations_come_along_with_a_flagger_id_of_its_own() -> None:
    pods = template()
    pods["metadata"]["annotations"] = {
        "prometheus.io/scrape": "true",
        "flagger-id": "copied from somewhere",
        "helm.toolkit.fluxcd.io/driftDetection": "disabled",
    }
    assert rewritten(pods)["metadata"]["annotations"] == {
        "prometheus.io/scrape": "true",
        "flagger-id": ID,
    }
    assert "flagger-id" not in rewritten(pods, flagger_id="")["metadata"]["annotations"]


def test_the_template_that_is_read_is_not_changed() -> None:
    pods = template(**SPREAD)
    before = copy.deepcopy(pods)
    rewritten(pods)
    assert pods == before


def selects(**expression: Any) -> dict[str, Any]:
    return {
        "matchLabels": {"app": "podinfo", "name": "podinfo", "tier": "podinfo"},
        "matchExpressions": [
            {"key": "app", "operator": "In", "values": ["other", "podinfo", "podinfo"]},
            {"key": "tier", "operator": "In", "values": ["podinfo"]},
            {"key": "name", "operator": "Exists"},
        ],
        **expression,
    }


# keys of -selector-labels, values equal to the target's name, first occurrence per expression
RENAMED = {
    "matchLabels": {"app": "podinfo-primary", "name": "podinfo-primary", "tier": "podinfo"},
    "matchExpressions": [
        {"key": "app", "operator": "In", "values": ["other", "podinfo-primary", "podinfo"]},
        {"key": "tier", "operator": "In", "values": ["podinfo"]},
        {"key": "name", "operator": "Exists"},
    ],
}
HOST = {"topologyKey": "kubernetes.io/hostname"}
SPREAD = {"topologySpreadConstraints": [{**HOST, "labelSelector": selects()}]}


def test_spreading_finds_the_primarys_own_pods() -> None:
    spec = rewritten(template(**SPREAD))["spec"]
    assert spec["topologySpreadConstraints"] == [{**HOST, "labelSelector": RENAMED}]


def test_anti_affinity_finds_the_primarys_own_pods() -> None:
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    preferred = "preferredDuringSchedulingIgnoredDuringExecution"

    def terms(selector: dict[str, Any]) -> dict[str, Any]:
        term = {**HOST, "labelSelector": selector}
        soft = {"weight": 1, "podAffinityTerm": copy.deepcopy(term)}
        return {required: [term], preferred: [soft]}

    affinity = {"podAntiAffinity": terms(selects()), "podAffinity": terms(selects())}
    spec = rewritten(template(affinity=affinity))["spec"]
    assert spec["affinity"]["podAntiAffinity"] == terms(RENAMED)
    # podAffinity and nodeAffinity are not rewritten
    assert spec["affinity"]["podAffinity"] == terms(selects())


def test_a_selector_for_other_pods_stays() -> None:
    other = {"matchLabels": {"app": "database"}}
    pods = template(topologySpreadConstraints=[{**HOST, "labelSelector": other}])
    assert rewritten(pods)["spec"]["topologySpreadConstraints"][0]["labelSelector"] == other


def test_the_keys_are_those_of_the_selector_labels() -> None:
    pods = template(**SPREAD)
    spec = rewritten(pods, selector_labels=("tier",))["spec"]
    found = spec["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"]
    assert found == {"app": "podinfo", "name": "podinfo", "tier": "podinfo-primary"}


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


def test_metadata_of_the_target_passes_the_prefixes() -> None:
    target = deployment()
    target["metadata"] |= {
        "labels": {"app": "podinfo", "team/a": "1", "team.toolkit.fluxcd.io/x": "2"},
        "annotations": {"team/b": "3", "deployment.kubernetes.io/revision": "7"},
    }
    meta = made(target, ("team",))["metadata"]
    assert meta["labels"] == {"team/a": "1", "app": "podinfo-primary"}
    assert meta["annotations"] == {"team/b": "3"}
    assert made(target)["metadata"]["labels"] == {"app": "podinfo-primary"}


def test_the_primarys_own_fields() -> None:
    target = deployment(strategy={"type": "Recreate"}, minReadySeconds=5, paused=True)
    found = made(target)
    assert (found["apiVersion"], found["kind"]) == ("apps/v1", "Deployment")
    assert found["metadata"]["name"] == "podinfo-primary"
    assert found["metadata"]["namespace"] == "test"
    assert found["metadata"]["ownerReferences"] == [OWNER]
    assert found["spec"] == {
        "replicas": 3,
        "selector": {"matchLabels": {"app": "podinfo-primary"}},
        "template": rewritten(template()),
        "strategy": {"type": "Recreate"},
        "minReadySeconds": 5,
    }
