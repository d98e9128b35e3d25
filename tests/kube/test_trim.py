"""What caches keep of objects: enough to decide by, and little of what is large."""

from __future__ import annotations

from typing import Any

from canary.api.annotations import INTENT
from canary.kube.trim import endpoint_slice, metadata_only, trimmed

IDENTITY = {"name": "app", "namespace": "shop", "uid": "u", "resourceVersion": "7"}
BY_HAND = {"f:metadata": {"f:annotations": {f"f:{INTENT}": {}, "f:team": {}}, "f:labels": {}}}
HOUR = "2026-01-01T00:00:00Z"


def managed(*entries: dict[str, Any]) -> Any:
    """The managers that a cache keeps of those."""
    meta = {**IDENTITY, "managedFields": list(entries)}
    return trimmed({"metadata": meta, "spec": {}})["metadata"]["managedFields"]


def entry(manager: str, fields: Any, **more: str) -> dict[str, Any]:
    return {
        "manager": manager,
        "operation": "Update",
        "apiVersion": "v1",
        "time": HOUR,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
        **more,
    }


def test_of_a_manager_its_name_is_kept_and_how_it_wrote() -> None:
    large = {"f:spec": {"f:replicas": {}, "f:template": {"f:spec": {}}}}
    assert managed(
        entry("helm", large), entry("kubectl", large, subresource="scale"), {"manager": "bare"}
    ) == [
        {"manager": "helm", "operation": "Update"},
        {"manager": "kubectl", "operation": "Update", "subresource": "scale"},
        {"manager": "bare"},
    ]


def test_of_a_request_by_hand_it_is_kept_who_made_it_and_when() -> None:
    """An announcement says who asked: `{manager}` of the newest entry that holds the request."""
    assert managed(entry("kubectl-annotate", BY_HAND)) == [
        {
            "manager": "kubectl-annotate",
            "operation": "Update",
            "time": HOUR,
            "fieldsV1": {"f:metadata": {"f:annotations": {f"f:{INTENT}": {}}}},
        }
    ]


def test_managers_of_other_metadata_made_no_request() -> None:
    others = (
        {"f:metadata": {"f:annotations": {"f:team": {}}}},
        {"f:metadata": {"f:labels": {}}},
        {"f:metadata": {"f:annotations": None}},
        {"f:metadata": None},
        None,
    )
    kept = {"manager": "helm", "operation": "Update"}
    assert managed(*(entry("helm", fields) for fields in others)) == [kept] * len(others)


def test_the_rest_of_an_object_is_kept_and_the_original_left_alone() -> None:
    """It may be shared: nobody changes an object in place."""
    original = {"metadata": {**IDENTITY, "managedFields": [entry("helm", {})]}, "spec": {"a": 1}}
    assert trimmed(original)["spec"] == {"a": 1}
    assert original["metadata"]["managedFields"] == [entry("helm", {})]
    bare = {"metadata": dict(IDENTITY), "data": {"a": "1"}}
    assert trimmed(bare) == bare, "old servers and partial objects name no managers"


def test_of_endpoints_their_addresses_and_their_readiness_are_kept() -> None:
    ready = {"addresses": ["10.0.0.1"], "conditions": {"ready": True}}
    full = {
        "addressType": "IPv4",
        "metadata": {**IDENTITY, "labels": {"a": "b"}, "generateName": "app-"},
        "endpoints": [{**ready, "nodeName": "n", "targetRef": {}}, {"addresses": ["10.0.0.2"]}],
        "ports": [{"port": 80}],
    }
    assert endpoint_slice(full) == {
        "metadata": {**IDENTITY, "labels": {"a": "b"}},
        "endpoints": [ready, {"addresses": ["10.0.0.2"]}],
    }


def test_a_service_without_pods_has_a_slice_without_endpoints() -> None:
    """The server says null then."""
    for empty in ({"endpoints": None}, {}):
        assert endpoint_slice({"metadata": dict(IDENTITY), **empty}) == {
            "metadata": IDENTITY,
            "endpoints": [],
        }


def test_of_config_maps_and_secrets_no_data_is_kept() -> None:
    followed = {"annotations": {"a": "b"}, "ownerReferences": [{"uid": "o"}]}
    meta = {**IDENTITY, **followed, "labels": {"large": "no"}}
    secret = {
        "metadata": {**meta, "managedFields": [entry("helm", {})]},
        "data": {"password": "c2VjcmV0"},
    }
    managers = [{"manager": "helm", "operation": "Update"}]
    assert metadata_only(secret) == {
        "metadata": {**IDENTITY, **followed, "managedFields": managers}
    }
    assert metadata_only({"metadata": dict(IDENTITY), "data": {}}) == {"metadata": IDENTITY}
