"""What the process kubelet reads from a pod's spec (Kubernetes API reference, core/v1)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from e2e.stack.podspec import Missing, Probe, environment, grace, port_number, ports, probe, volumes

DATA = {("ConfigMap", "config"): {"a": "1", "b": "2"}, ("Secret", "secret"): {"token": "t"}}


def find(kind: str, name: str) -> Mapping[str, str] | None:
    return DATA.get((kind, name))


def test_a_probe_has_the_defaults_of_the_api() -> None:
    container = {"ports": [{"name": "http", "containerPort": 9898}]}
    container["readinessProbe"] = {"httpGet": {"port": "http"}}
    assert probe(container, "readinessProbe") == Probe(9898, "/", 0, 10, 1, 3)
    assert probe(container, "startupProbe") is None


def test_probes_without_http_only_connect_or_pass() -> None:
    container = {"readinessProbe": {"tcpSocket": {"port": 5432}, "periodSeconds": 2}}
    assert probe(container, "readinessProbe") == Probe(5432, "", 0, 2, 1, 3)
    container = {"readinessProbe": {"exec": {"command": ["true"]}}}
    assert probe(container, "readinessProbe") == Probe(0, "", 0, 10, 1, 3)


def test_ports_are_the_declared_ones_and_those_that_probes_ask() -> None:
    container = {
        "ports": [{"name": "http", "containerPort": 8080}, {"containerPort": 9090}],
        "readinessProbe": {"httpGet": {"port": 8081}},
        "startupProbe": {"httpGet": {"port": "http"}},
    }
    assert ports(container) == [8080, 8081, 9090]
    assert port_number(container, "unknown") == 0


@pytest.mark.parametrize(
    ("meta", "spec", "seconds"),
    [
        ({}, {}, 30),
        ({}, {"terminationGracePeriodSeconds": 5}, 5),
        # kubectl delete --grace-period overrides the spec.
        ({"deletionGracePeriodSeconds": 0}, {"terminationGracePeriodSeconds": 5}, 0),
    ],
)
def test_the_deletions_grace_period_counts_before_the_specs(
    meta: dict, spec: dict, seconds: float
) -> None:
    assert grace({"metadata": meta, "spec": spec}) == seconds


def test_variables_come_from_values_keys_and_whole_objects() -> None:
    container = {
        "envFrom": [{"configMapRef": {"name": "config"}}, {"secretRef": {"name": "secret"}}],
        "env": [
            {"name": "A", "value": "x"},
            {"name": "b", "valueFrom": {"configMapKeyRef": {"name": "config", "key": "a"}}},
            {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
        ],
    }
    # env wins over envFrom.
    assert environment(container, find) == {"a": "1", "b": "1", "token": "t", "A": "x"}


@pytest.mark.parametrize(
    "reference",
    [
        {"configMapKeyRef": {"name": "gone", "key": "a"}},
        {"configMapKeyRef": {"name": "config", "key": "gone"}},
        {"secretKeyRef": {"name": "gone", "key": "a"}},
    ],
)
def test_a_reference_to_nothing_holds_the_container_unless_optional(reference: dict) -> None:
    with pytest.raises(Missing, match="gone"):
        environment({"env": [{"name": "A", "valueFrom": reference}]}, find)
    optional = {kind: {**value, "optional": True} for kind, value in reference.items()}
    assert environment({"env": [{"name": "A", "valueFrom": optional}]}, find) == {}


@pytest.mark.parametrize(
    "volume",
    [
        {"configMap": {"name": "gone"}},
        {"secret": {"secretName": "gone"}},
        {"projected": {"sources": [{"secret": {"name": "gone"}}]}},
    ],
)
def test_volumes_need_what_they_name(volume: dict) -> None:
    with pytest.raises(Missing, match='"gone" not found'):
        volumes({"spec": {"volumes": [{"name": "v", **volume}]}}, find)
    volumes({"spec": {"volumes": [{"name": "v", "secret": {"secretName": "secret"}}]}}, find)
