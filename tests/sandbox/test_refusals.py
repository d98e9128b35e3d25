"""What a real API server can do and the sandbox can't: refused by name, never done by halves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from canary.clock import SystemClock
from canary.kube.transport import APPLY_PATCH, JSON, Request
from canary.sandbox.server import Server
from tests.conformance.manifests import deployment

_PODS = "/api/v1/namespaces/default/pods"
_DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"


def _sent(
    server: Server, method: str, path: str, body: Any = None, kind: str = JSON, **query: str
) -> tuple[int, str]:
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    answer = server.handle("user", Request(method, path, query, data, kind))
    return answer.status, json.loads(answer.body).get("message", "")


@pytest.mark.parametrize(
    ("method", "path", "body", "query", "what"),
    [
        ("GET", f"{_PODS}/a/log", None, {}, "pods/log"),
        ("POST", f"{_PODS}/a/eviction", {}, {}, "pods/eviction"),
        ("POST", f"{_PODS}/a/binding", {}, {}, "pods/binding"),
        ("PUT", "/api/v1/namespaces/default/finalize", {}, {}, "namespaces/finalize"),
        ("DELETE", _PODS, None, {}, "the deletion of a whole collection; delete by name"),
        (
            "GET",
            _PODS,
            None,
            {"resourceVersion": "1", "resourceVersionMatch": "Exact"},
            "a list at an exact version",
        ),
        (
            "DELETE",
            f"{_DEPLOYMENTS}/web",
            {"orphanDependents": True},
            {},
            "orphanDependents; propagationPolicy is its successor",
        ),
        ("POST", _DEPLOYMENTS, deployment(paused=True), {}, "paused Deployments"),
    ],
)
def test_what_is_not_supported(
    method: str, path: str, body: Any, query: dict[str, str], what: str
) -> None:
    server = Server(SystemClock())
    assert _sent(server, "POST", _DEPLOYMENTS, deployment())[0] == 201
    if method == "POST" and body and body.get("kind") == "Deployment":
        body["metadata"]["name"] = "other"
    found = _sent(server, method, path, body, **query)
    assert found == (501, f"the sandbox does not support {what}")


def test_apply_to_scale() -> None:
    server = Server(SystemClock())
    _sent(server, "POST", _DEPLOYMENTS, deployment())
    path = f"{_DEPLOYMENTS}/web/scale"
    found = _sent(server, "PATCH", path, {}, APPLY_PATCH, fieldManager="one")
    assert found == (501, "the sandbox does not support apply to scale")


def test_rules_that_are_not_known() -> None:
    server = Server(SystemClock())
    rule = {"rule": "self.all(x, x.size() > 3)"}
    schema = {"type": "object", "x-kubernetes-validations": [rule]}
    version = {"name": "v1", "served": True, "storage": True}
    body = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "frobs.example.com"},
        "spec": {
            "group": "example.com",
            "names": {"kind": "Frob", "plural": "frobs"},
            "scope": "Namespaced",
            "versions": [{**version, "schema": {"openAPIV3Schema": schema}}],
        },
    }
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    code, text = _sent(server, "POST", path, body)
    assert code == 501
    assert text == "the sandbox does not support the validation rule 'self.all(x, x.size() > 3)'"
    assert _sent(server, "GET", f"{path}/frobs.example.com")[0] == 404


def test_encodings_that_are_not_known() -> None:
    server = Server(SystemClock())
    for kind in ("application/yaml", "application/cbor"):
        code, text = _sent(server, "POST", _DEPLOYMENTS, b"x", kind)
        assert code == 415 and text.endswith(
            "application/json, application/vnd.kubernetes.protobuf"
        )
    # Definitions come from files; no client sends them as protobuf.
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    code, _ = _sent(server, "POST", path, b"k8s\x00", "application/vnd.kubernetes.protobuf")
    assert code == 415
    code, _ = _sent(server, "DELETE", f"{_DEPLOYMENTS}/web", b"k8s\x00", "application/protobuf")
    assert code == 404
    _sent(server, "POST", _DEPLOYMENTS, deployment())
    code, _ = _sent(server, "DELETE", f"{_DEPLOYMENTS}/web", b"k8s\x00", "application/protobuf")
    assert code == 415
