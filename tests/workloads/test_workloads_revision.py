"""Digests of templates, and Flagger's checksums of data (lifecycle.md 8, api.md 5)."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workload_objects import container, recorded, template

from canary.workloads.revision import config_checksum, template_digest

FULL = template(
    containers=[container(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}])],
    affinity={"podAntiAffinity": {"x": [{"topologyKey": "zone"}]}},
)


def shuffled(value: Any, order: random.Random) -> Any:
    """``value`` with the keys of its maps in another order."""
    if isinstance(value, dict):
        keys = list(value)
        order.shuffle(keys)
        return {key: shuffled(value[key], order) for key in keys}
    return [shuffled(item, order) for item in value] if isinstance(value, list) else value


@given(st.randoms(use_true_random=False))
def test_the_order_of_keys_is_no_difference(order: random.Random) -> None:
    assert template_digest(shuffled(FULL, order)) == template_digest(FULL)


@pytest.mark.parametrize(
    "spec", [{"securityContext": {}}, {"volumes": []}, {"hostname": None}, {"a": {"b": {"c": []}}}]
)
def test_empty_parts_are_no_difference(spec: dict[str, Any]) -> None:
    assert template_digest(template(**spec)) == template_digest(template())


@pytest.mark.parametrize("field", ["labelSelector", "namespaceSelector"])
def test_an_empty_selector_is_one_that_matches_everything(field: str) -> None:
    term = {"topologyKey": "zone", "labelSelector": {"matchLabels": {"a": "b"}}}

    def digest(*terms: dict[str, Any]) -> str:
        return template_digest(template(affinity={"podAffinity": {"required": list(terms)}}))

    without = {key: value for key, value in term.items() if key != field}
    assert digest({**without, field: {}}) != digest(without)
    assert digest({**without, field: {"matchLabels": {}}}) == digest({**without, field: {}})


@pytest.mark.parametrize(
    "change",
    [
        {"containers": [container(image="podinfo:1.0.1")]},
        {"containers": [container(env=[{"name": "A", "value": ""}])]},
        {"containers": [container(), container(name="second")]},
        {"hostNetwork": False},
        {"terminationGracePeriodSeconds": 0},
    ],
    ids=str,
)
def test_what_the_pods_run_is_a_difference(change: dict[str, Any]) -> None:
    assert template_digest(template(**change)) != template_digest(template())


def test_the_order_of_lists_is_a_difference() -> None:
    swapped = copy.deepcopy(FULL)
    swapped["spec"]["containers"][0]["env"].reverse()
    assert template_digest(swapped) != template_digest(FULL)


def annotated(**annotations: str) -> dict[str, Any]:
    pods = template()
    pods["metadata"]["annotations"] = annotations
    return pods


def test_what_the_engine_or_the_api_server_puts_there_is_no_difference() -> None:
    pods = annotated(**{"flagger-id": "06354742"})
    pods["metadata"]["creationTimestamp"] = None
    assert template_digest(pods) == template_digest(template())
    assert pods["metadata"]["annotations"] == {"flagger-id": "06354742"}


def test_a_restart_by_hand_is_a_difference() -> None:
    pods = annotated(**{"kubectl.kubernetes.io/restartedAt": "2026-01-01T12:00:00Z"})
    assert template_digest(pods) != template_digest(template())


def test_a_digest_carries_its_version() -> None:
    # D8: canonical hash with a version marker
    marker, digest = template_digest(template()).split("-")
    assert marker == "e1"
    assert len(digest) == 12
    assert int(digest, 16) >= 0


@pytest.mark.parametrize("final", [False, True])
def test_checksums_are_those_that_flagger_recorded(final: bool) -> None:
    objects = recorded("config-change", final=final)
    tracked = objects["Canary/app"]["status"]["trackedConfigs"]
    assert {
        "configmap/app-config": config_checksum(objects["ConfigMap/app-config"]["data"]),
        "secret/app-secret": config_checksum(objects["Secret/app-secret"]["data"]),
    } == tracked


# First 8 bytes of SHA-256 over encoding/json of Go 1.26; the first is api.md's own example.
GO: list[tuple[dict[str, str] | None, str]] = [
    ({"color": "red"}, "241889ca0604e333"),
    (None, "74234e98afe7498f"),
    ({}, "44136fa355b3678a"),
    ({"html": '<a href="x">&</a>'}, "71b5ff4ebed96bd6"),
    ({"path": "C:\\bin\\foo"}, "8ec4e45946b4e534"),
    ({"ctl": "a\bb\fc\x01\n\t\r\x7f"}, "18f18fa55a9ddb75"),
    ({"uni": "é\u2028\u2029日本😀"}, "62e933003ef3ef7a"),
    ({"b": "2", "a": "1", "Z": "3", "é": "4"}, "5beaac068ecebee8"),
]


@pytest.mark.parametrize(("data", "checksum"), GO, ids=[str(case[0]) for case in GO])
def test_checksums_are_those_of_go(data: dict[str, str] | None, checksum: str) -> None:
    assert config_checksum(data) == checksum


def test_binary_data_counts_where_there_is_any() -> None:
    # D30: keep the checksum unchanged when there is no binaryData
    data = {"color": "red"}
    assert config_checksum(data, {}) == config_checksum(data)
    assert config_checksum(data, {"a": "AA=="}) != config_checksum(data)
    assert config_checksum(data, {"a": "AA=="}) != config_checksum(data, {"a": "AQ=="})
    assert config_checksum(None, {"a": "AA=="}) != config_checksum({"a": "AA=="})
