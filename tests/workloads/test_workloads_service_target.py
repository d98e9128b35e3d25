"""The copies of a Service that is itself the target (lifecycle.md 15, D41)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from workload_objects import FLUX, OWNER

from canary.workloads.revision import template_digest
from canary.workloads.service_target import (
    canary_copy,
    content,
    copy_differs,
    copy_spec,
    primary_copy,
    serves_elsewhere,
)

LAST = "kubectl.kubernetes.io/last-applied-configuration"


def service(**spec: Any) -> dict[str, Any]:
    return {
        "metadata": {
            "name": "podinfo",
            "namespace": "test",
            "labels": {"team": "a", "kustomize.toolkit.fluxcd.io/name": "apps"},
            "annotations": {LAST: "{}", "note": "x", **FLUX},
        },
        "spec": {
            "type": "ClusterIP",
            "clusterIP": "10.96.0.7",
            "clusterIPs": ["10.96.0.7"],
            "ipFamilies": ["IPv4"],
            "selector": {"app": "podinfo"},
            "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 80}],
            **spec,
        },
    }


def test_a_copy_has_neither_address_nor_node_ports() -> None:
    """D41: both clusterIP and clusterIPs."""
    ports = [{"name": "http", "port": 80, "nodePort": 30080}]
    source = service(type="NodePort", ports=ports, healthCheckNodePort=30000)
    before = copy.deepcopy(source)
    assert content(source) == {
        "type": "NodePort",
        "ipFamilies": ["IPv4"],
        "selector": {"app": "podinfo"},
        "ports": [{"name": "http", "port": 80}],
    }
    assert source == before


def test_a_headless_service_stays_headless() -> None:
    spec = content(service(clusterIP="None", clusterIPs=["None"]))
    assert (spec["clusterIP"], "clusterIPs" in spec) == ("None", False)


def test_an_address_is_no_revision_of_its_own() -> None:
    other = service(clusterIP="10.96.0.9", clusterIPs=["10.96.0.9"])
    assert template_digest(content(other)) == template_digest(content(service()))
    changed = service(selector={"app": "other"})
    assert template_digest(content(changed)) != template_digest(content(service()))


def test_the_canarys_copy() -> None:
    made = canary_copy(service(), "podinfo-canary", content(service()), OWNER)
    assert made["metadata"] == {
        "name": "podinfo-canary",
        "namespace": "test",
        "labels": {"team": "a"},
        "annotations": {"note": "x"},
        "ownerReferences": [OWNER],
    }
    assert made["spec"] == content(service())


@pytest.mark.parametrize(("prefixes", "labels"), [((), None), (("team",), {"team": "a"})])
def test_the_primarys_copy_has_metadata_by_prefix(
    prefixes: tuple[str, ...], labels: dict[str, str] | None
) -> None:
    """D32: at creation as at a promotion."""
    spec = {"selector": {"app": "old"}}
    meta = service()["metadata"]
    made = primary_copy("podinfo-primary", "test", meta, spec, OWNER, prefixes)
    assert made["metadata"].get("labels") == labels
    assert "annotations" not in made["metadata"]
    assert made["spec"] == spec


def test_what_others_add_to_a_copy_is_no_difference() -> None:
    made = canary_copy(service(), "podinfo-canary", content(service()), OWNER)
    live = copy.deepcopy(made)
    live["spec"] |= {"clusterIP": "10.96.0.8", "clusterIPs": ["10.96.0.8"]}
    live["metadata"]["labels"]["mine"] = "kept"
    assert not copy_differs(live, made)
    for change in (
        {"spec": {**live["spec"], "selector": {"app": "other"}}},
        {"metadata": {**live["metadata"], "ownerReferences": []}},
        {"metadata": {**live["metadata"], "annotations": {}}},
    ):
        assert copy_differs({**live, **change}, made)


def test_a_name_outside_of_the_cluster() -> None:
    assert serves_elsewhere(service(type="ExternalName"))
    assert not serves_elsewhere(service())


@pytest.mark.parametrize(
    ("asked", "found"), [(None, None), ({}, None), ({"trafficDistribution": "PreferClose"}, True)]
)
def test_copies_prefer_what_the_canary_asks_for(asked: Any, found: bool | None) -> None:
    spec = content(service())
    wanted = {**spec, "trafficDistribution": "PreferClose"} if found else spec
    assert copy_spec(spec, asked) == wanted
    assert "trafficDistribution" not in spec
