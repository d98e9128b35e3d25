"""ConfigMaps and Secrets of a pod template, and their copies (lifecycle.md 2.5)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from workload_objects import OWNER, container, recorded, template

from canary.workloads.configs import ConfigRef, copy_of, references, rewrite, trackable

PLACES: dict[str, tuple[dict[str, Any], str, str]] = {
    "configMap volume": (
        {"volumes": [{"name": "v", "configMap": {"name": "app"}}]},
        "configmap",
        "name",
    ),
    "secret volume": (
        {"volumes": [{"name": "v", "secret": {"secretName": "app"}}]},
        "secret",
        "secretName",
    ),
    "projected configMap": (
        {"volumes": [{"name": "v", "projected": {"sources": [{"configMap": {"name": "app"}}]}}]},
        "configmap",
        "name",
    ),
    "projected secret": (
        {"volumes": [{"name": "v", "projected": {"sources": [{"secret": {"name": "app"}}]}}]},
        "secret",
        "name",
    ),
}
for _group in ("containers", "initContainers"):
    for _kind, _word in (("configmap", "configMap"), ("secret", "secret")):
        _key = {"name": "A", "valueFrom": {f"{_word}KeyRef": {"name": "app", "key": "a"}}}
        PLACES[f"{_group} env {_word}"] = (
            {_group: [container(env=[{"name": "PLAIN", "value": "x"}, _key])]},
            _kind,
            "name",
        )
        PLACES[f"{_group} envFrom {_word}"] = (
            {_group: [container(envFrom=[{f"{_word}Ref": {"name": "app"}}])]},
            _kind,
            "name",
        )


def renamed(value: Any, field: str, name: str) -> Any:
    """``value`` with ``app`` under ``field`` replaced, wherever it is."""
    if isinstance(value, dict):
        found = {key: renamed(item, field, name) for key, item in value.items()}
        return found | {field: name} if value.get(field) == "app" else found
    if isinstance(value, list):
        return [renamed(item, field, name) for item in value]
    return value


@pytest.mark.parametrize("place", PLACES)
def test_a_reference_is_found_wherever_it_may_stand(place: str) -> None:
    spec, kind, _ = PLACES[place]
    assert references(template(**spec)) == (ConfigRef(kind, "app", False),)


@pytest.mark.parametrize("place", PLACES)
def test_and_there_it_is_pointed_at_the_copy(place: str) -> None:
    spec, kind, field = PLACES[place]
    pods = template(**spec)
    before = copy.deepcopy(pods)
    assert rewrite(pods, [ConfigRef(kind, "app")]) == renamed(pods, field, "app-primary")
    assert pods == before


@pytest.mark.parametrize("place", PLACES)
def test_what_is_not_tracked_keeps_its_name(place: str) -> None:
    spec, kind, _ = PLACES[place]
    other = "secret" if kind == "configmap" else "configmap"
    pods = template(**spec)
    assert rewrite(pods, [ConfigRef(other, "app"), ConfigRef(kind, "another")]) == pods


def test_the_recorded_template_was_rewritten_the_same_way() -> None:
    objects = recorded("config-change")
    pods = objects["Deployment/app"]["spec"]["template"]
    primary = objects["Deployment/app-primary"]["spec"]["template"]
    refs = references(pods)
    assert {str(ref) for ref in refs} == {"configmap/app-config", "secret/app-secret"}
    assert rewrite(pods, refs)["spec"] == primary["spec"]


@pytest.mark.parametrize(
    "spec",
    [
        {"imagePullSecrets": [{"name": "app"}]},
        {"volumes": [{"name": "v", "csi": {"nodePublishSecretRef": {"name": "app"}}}]},
        {"ephemeralContainers": [container(envFrom=[{"secretRef": {"name": "app"}}])]},
        {"containers": [container(env=[{"name": "A", "value": "app"}])]},
        {"containers": [container(env=[{"name": "A", "valueFrom": {"fieldRef": {}}}])]},
        {"containers": [container(envFrom=[{"secretRef": {"optional": True}}])]},
        {"containers": [container(envFrom=[{"configMapRef": {"name": ""}}])]},
    ],
    ids=["pull secret", "CSI", "ephemeral", "plain value", "field", "no name", "empty name"],
)
def test_what_is_not_scanned(spec: dict[str, Any]) -> None:
    pods = template(**spec)
    assert references(pods) == ()
    assert rewrite(pods, [ConfigRef("secret", "app"), ConfigRef("configmap", "app")]) == pods


def test_a_missing_optional_reference_may_be_missing() -> None:
    pods = template(
        containers=[container(envFrom=[{"secretRef": {"name": "a", "optional": True}}])]
    )
    assert references(pods) == (ConfigRef("secret", "a", True),)


@pytest.mark.parametrize("last", [True, False])
def test_the_last_reference_to_a_name_decides(last: bool) -> None:
    # volumes, then containers, then init containers
    def ref(optional: bool) -> dict[str, Any]:
        return {"name": "app", "optional": optional}

    pods = template(
        volumes=[{"name": "v", "configMap": ref(not last)}],
        containers=[container(envFrom=[{"configMapRef": ref(not last)}])],
        initContainers=[container(envFrom=[{"configMapRef": ref(last)}])],
    )
    assert references(pods) == (ConfigRef("configmap", "app", last),)


def source(kind: str = "ConfigMap", **fields: Any) -> dict[str, Any]:
    meta = {"name": "app", "namespace": "test", **fields.pop("metadata", {})}
    return {"apiVersion": "v1", "kind": kind, "metadata": meta, **fields}


@pytest.mark.parametrize(
    ("obj", "tracked"),
    [
        (source(), True),
        (source("Secret", type="Opaque"), True),
        (source("Secret"), True),
        (source("Secret", type="kubernetes.io/basic-auth"), True),
        (source("Secret", type="kubernetes.io/ssh-auth"), True),
        (source("Secret", type="kubernetes.io/tls"), True),
        (source("Secret", type="kubernetes.io/service-account-token"), False),
        (source("Secret", type="helm.sh/release.v1"), False),
    ],
)
def test_what_is_tracked(obj: dict[str, Any], tracked: bool) -> None:
    assert trackable(obj) is tracked


@pytest.mark.parametrize(
    ("value", "tracked"), [("disabled", False), ("disable", False), ("enabled", True), ("", True)]
)
@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
def test_an_object_may_opt_out(kind: str, value: str, tracked: bool) -> None:
    obj = source(kind, metadata={"annotations": {"flagger.app/config-tracking": value}})
    assert trackable(obj) is tracked


def test_the_recorded_copies_were_made_the_same_way() -> None:
    objects = recorded("config-change", final=True)
    for kind, short in (("ConfigMap", "configmap"), ("Secret", "secret")):
        original = objects[f"{kind}/app-{'config' if kind == 'ConfigMap' else 'secret'}"]
        copied = objects[f"{kind}/{original['metadata']['name']}-primary"]
        owner = copied["metadata"]["ownerReferences"][0]
        made = copy_of(original, short, owner, ())
        del made["apiVersion"]
        assert made == copied


def test_a_copy_has_labels_by_prefix_and_no_annotations() -> None:
    meta = {
        "labels": {"team/a": "1", "other": "2", "team.toolkit.fluxcd.io/x": "3"},
        "annotations": {"team/b": "4"},
        "uid": "x",
        "resourceVersion": "7",
    }
    made = copy_of(source(metadata=meta), "configmap", OWNER, ("team",))
    assert made["metadata"] == {
        "name": "app-primary",
        "namespace": "test",
        "labels": {"team/a": "1"},
        "ownerReferences": [OWNER],
    }


def test_binary_data_type_and_immutability_come_along() -> None:
    # D30
    config = source(data={"a": "1"}, binaryData={"b": "AA=="}, immutable=True)
    made = copy_of(config, "configmap", OWNER, ())
    assert (made["data"], made["binaryData"], made["immutable"]) == (
        {"a": "1"},
        {"b": "AA=="},
        True,
    )
    secret = copy_of(source("Secret", type="kubernetes.io/tls"), "secret", OWNER, ())
    assert (secret["kind"], secret["type"]) == ("Secret", "kubernetes.io/tls")
    assert "data" not in secret


def test_other_owners_stay_without_control() -> None:
    other = {"apiVersion": "v1", "kind": "Thing", "name": "x", "uid": "y", "controller": True}
    made = copy_of(source(), "configmap", OWNER, (), foreign=[other])
    assert made["metadata"]["ownerReferences"] == [OWNER, {**other, "controller": False}]
