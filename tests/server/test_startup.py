"""Refusals at the start: one line each, with what to mend."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from cluster import Cluster

from canary.controller.settings import Settings
from canary.kube.client import Client
from canary.server.permissions import TABLE
from canary.server.startup import StartRefused, check


def start(cluster: Cluster, **settings: Any) -> None:
    asyncio.run(check(Client(cluster), Settings(**settings), TABLE))


def refused(cluster: Cluster, **settings: Any) -> str:
    with pytest.raises(StartRefused) as caught:
        start(cluster, **settings)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_healthy_cluster_is_taken() -> None:
    start(Cluster(), leader_election=True)


def test_no_answer() -> None:
    cluster = Cluster()
    cluster.down = True
    text = refused(cluster)
    assert text.startswith("can't reach the Kubernetes API: ")
    assert "10.0.0.1:443" in text


@pytest.mark.parametrize(
    ("status", "message"), [(401, "Unauthorized"), (403, "anonymous\ncan't"), (500, "broken")]
)
def test_an_answer_that_is_none(status: int, message: str) -> None:
    cluster = Cluster()
    cluster.refuses = (status, message)
    text = refused(cluster)
    assert str(status) in text and message.split()[0] in text


# operations.md section 1 row 5 and section 16 row 25: a lower bound only, suffixes allowed.
@pytest.mark.parametrize(
    "version", ["v1.22.0", "v1.34.1-gke.100", "v1.29.3-eks-ae9a62a", "v2.0.0", "1.30.0+k3s1"]
)
def test_versions_that_are_taken(version: str) -> None:
    cluster = Cluster()
    cluster.git_version = version
    start(cluster)


@pytest.mark.parametrize("version", ["v1.21.14", "v1.9.0", "v0.30.0"])
def test_versions_that_are_too_old(version: str) -> None:
    cluster = Cluster()
    cluster.git_version = version
    assert refused(cluster).endswith(f"Expected >=1.22, got {version}")


def test_a_server_of_another_kind() -> None:
    cluster = Cluster()
    cluster.git_version = "nginx"
    assert "no Kubernetes API" in refused(cluster)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("canaries", "Canary"),
        ("metrictemplates", "MetricTemplate"),
        ("alertproviders", "AlertProvider"),
    ],
)
def test_a_missing_definition(name: str, kind: str) -> None:
    cluster = Cluster()
    del cluster.definitions[f"{name}.flagger.app"]
    text = refused(cluster)
    # The beginning is Flagger's: operations.md section 1 row 4.
    assert text.startswith(f"{kind} CRD is not registered")
    assert f"crds/{name}.yaml" in text


def test_a_version_that_is_not_served() -> None:
    cluster = Cluster()
    cluster.definitions["canaries.flagger.app"]["spec"]["versions"][0]["served"] = False
    assert "doesn't serve v1beta1" in refused(cluster)


@pytest.mark.parametrize("engine", [None, {"type": "object"}])
def test_a_definition_that_prunes_the_record(engine: dict[str, Any] | None) -> None:
    cluster = Cluster()
    version = cluster.definitions["canaries.flagger.app"]["spec"]["versions"][0]
    status = version["schema"]["openAPIV3Schema"]["properties"]["status"]["properties"]
    # Flagger's own definition knows nothing of it.
    del status["engine"]
    if engine:
        status["engine"] = engine
    text = refused(cluster)
    assert "status.engine" in text and "crds/canaries.yaml" in text


@pytest.mark.parametrize(
    ("verb", "what", "named"),
    [
        ("watch", "apps/deployments", "watch deployments.apps"),
        ("update", "apps/deployments/scale", "update deployments.apps/scale"),
        ("update", "flagger.app/canaries/status", "update canaries.flagger.app/status"),
        ("create", "events", "create events"),
        (
            "get",
            "apiextensions.k8s.io/customresourcedefinitions",
            "get customresourcedefinitions.apiextensions.k8s.io",
        ),
    ],
)
def test_a_missing_permission_is_named(verb: str, what: str, named: str) -> None:
    cluster = Cluster()
    cluster.denied = {(verb, what, "")}
    assert refused(cluster) == f"lacks permissions: {named}"


def test_all_missing_permissions_are_one_line() -> None:
    cluster = Cluster()
    cluster.denied = {
        ("create", "secrets", ""),
        ("list", "secrets", ""),
        ("list", "discovery.k8s.io/endpointslices", ""),
    }
    assert refused(cluster) == (
        "lacks permissions: list, create secrets; list endpointslices.discovery.k8s.io"
    )


def test_permissions_in_the_watched_namespaces_are_enough() -> None:
    cluster = Cluster()
    # A Role in each namespace: nothing is allowed in all of them.
    cluster.denied = {("list", "services", "ci")}
    assert refused(cluster, namespaces=("shop", "ci")) == (
        "lacks permissions: list services in namespace ci"
    )
    start(cluster, namespaces=("shop",))


def test_a_grant_for_all_namespaces_is_asked_for_once() -> None:
    cluster = Cluster()
    start(cluster, namespaces=("a", "b", "c"))
    assert {namespace for _, _, namespace in cluster.asked} == {""}


def test_the_lease_matters_with_leader_election_only() -> None:
    cluster = Cluster()
    cluster.denied = {("update", "coordination.k8s.io/leases", "flagger")}
    start(cluster, leader_election_namespace="flagger")
    assert refused(cluster, leader_election=True, leader_election_namespace="flagger") == (
        "lacks permissions: update leases.coordination.k8s.io in namespace flagger"
    )
