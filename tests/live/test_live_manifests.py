"""Manifests: an error names file, line and field."""

from __future__ import annotations

import pytest

from canary.clock import SystemClock
from canary.kube.resources import DEPLOYMENTS, NAMESPACES
from canary.sandbox.cluster import Cluster
from canary.sandbox.live.complaints import complaints
from canary.sandbox.live.manifests import Applier, BadManifest, parsed, read

GOOD = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: one
data:
  a: b
---
# nothing but a comment
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
"""

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: other}
    spec:
      containers: [{name: web, image: web:1}]
"""


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("metadata.name", 4),
        ("data.a", 6),
        # What isn't there is reported where it would stand.
        ("metadata.labels", 3),
        ("spec.rules[3].x", 1),
    ],
)
def test_the_line_of_a_field(field, line):
    assert parsed(GOOD, "f.yaml")[0].at(field) == f"f.yaml:{line}"


def test_the_line_of_an_item_of_a_list():
    text = "apiVersion: v1\nkind: X\nmetadata: {name: x}\nspec:\n  rules:\n    - a: 1\n    - a: 2\n"
    assert parsed(text, "f")[0].at("spec.rules[1].a") == "f:7"


def test_folders_are_read_and_namespaces_come_first(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.yaml").write_text(GOOD)
    (tmp_path / "notes.txt").write_text("not: [a manifest")
    found = read([str(tmp_path)])
    assert [one.obj["kind"] for one in found] == ["Namespace", "ConfigMap"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: [1\nb: 2\n", ":2: expected"),
        ("- 1\n", ":1: the document: must be an object"),
        ("apiVersion: v1\nkind: 5\nmetadata: {name: x}\n", ":2: kind: is required, as text"),
        ("apiVersion: v1\nkind: X\nmetadata:\n  labels: {}\n", ":3: metadata.name: is required"),
    ],
)
def test_errors_of_a_file(tmp_path, text, complaint):
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    with pytest.raises(BadManifest) as caught:
        read([str(file)])
    assert f"{file}{complaint}" in str(caught.value)


def test_all_errors_are_told_at_once(tmp_path):
    (tmp_path / "one.yaml").write_text("- 1\n")
    with pytest.raises(BadManifest) as caught:
        read([str(tmp_path), str(tmp_path / "none")])
    assert [line.rpartition(": ")[2] for line in str(caught.value).splitlines()] == [
        "must be an object",
        "no such file or folder",
    ]


def test_a_folder_without_manifests_is_an_error(tmp_path):
    with pytest.raises(BadManifest, match="no file in it ends in"):
        read([str(tmp_path)])


def applier(cluster):
    return Applier(cluster.server.transport("flux"), cluster.server.storage, "flux")


@pytest.mark.asyncio
async def test_what_the_api_server_refuses_has_its_line():
    cluster = Cluster(SystemClock())
    text = DEPLOYMENT + "---\napiVersion: v1\nkind: Pox\nmetadata: {name: x}\n"
    with pytest.raises(BadManifest) as caught:
        await applier(cluster).apply(parsed(text, "web.yaml"))
    first, second = str(caught.value).splitlines()
    # The API server's own words (validation.ValidatePodTemplateSpecForReplicaSet).
    assert first.startswith("web.yaml:8: spec.template.metadata.labels: Invalid value")
    assert "`selector` does not match template `labels`" in first
    assert second == "web.yaml:13: kind: v1 Pox is not served by the sandbox"


MISTAKES = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          imag: web:1
      restart: never
"""


@pytest.mark.asyncio
async def test_every_unknown_field_has_its_line():
    with pytest.raises(BadManifest) as caught:
        await applier(Cluster(SystemClock())).apply(parsed(MISTAKES, "f"))
    assert str(caught.value).splitlines() == [
        "f:13: spec.template.spec.containers[0].imag: unknown field",
        "f:14: spec.template.spec.restart: unknown field",
    ]


@pytest.mark.asyncio
async def test_a_value_of_the_wrong_type_has_its_line():
    with pytest.raises(BadManifest) as caught:
        await applier(Cluster(SystemClock())).apply(
            parsed(MISTAKES.replace("replicas: 1", "replicas: two"), "f")
        )
    assert str(caught.value) == "f:5: spec.replicas: is string, but must be int32"


@pytest.mark.parametrize(
    ("status", "found"),
    [
        # A merge by the schema says it so (typed.ValidationError).
        (
            {"message": "failed to create typed patch object (a/b; v1, Kind=C): .spec.port: no"},
            [("spec.port", "no")],
        ),
        (
            {
                "details": {
                    "causes": [
                        {"field": "<nil>", "message": '"spec.analysis" must validate one schema'},
                        {"field": "<nil>", "message": "some validation rules were not checked"},
                        {"field": "spec.a", "message": "Required value"},
                    ]
                }
            },
            [
                ("spec.analysis", '"spec.analysis" must validate one schema'),
                ("spec.a", "Required value"),
            ],
        ),
        ({"message": "quota exceeded"}, [("", "quota exceeded")]),
    ],
)
def test_complaints_of_an_api_server(status, found):
    assert list(complaints(status)) == found


@pytest.mark.asyncio
async def test_what_is_there_already_is_changed():
    cluster = Cluster(SystemClock())
    good = DEPLOYMENT.replace("other", "web")
    await applier(cluster).apply(parsed(good, "f"))
    await applier(cluster).apply(parsed(good.replace("web:1", "web:2"), "f"))
    spec = cluster.get(DEPLOYMENTS, "default", "web")["spec"]
    assert spec["template"]["spec"]["containers"][0]["image"] == "web:2"


@pytest.mark.asyncio
async def test_what_is_good_is_applied_under_the_managers_name():
    cluster = Cluster(SystemClock())
    good = DEPLOYMENT.replace("other", "web")
    await applier(cluster).apply(parsed(good, "web.yaml"))
    found = cluster.get(DEPLOYMENTS, "default", "web")
    (entry,) = found["metadata"]["managedFields"]
    assert (entry["manager"], entry["operation"]) == ("flux", "Apply")


@pytest.mark.asyncio
async def test_a_namespace_and_what_is_in_it_come_from_one_folder(tmp_path):
    cluster = Cluster(SystemClock())
    (tmp_path / "a.yaml").write_text(GOOD.replace("name: one", "name: one\n  namespace: shop"))
    await applier(cluster).apply(read([str(tmp_path)]))
    assert cluster.get(NAMESPACES, "", "shop")
