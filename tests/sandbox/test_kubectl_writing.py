"""kubectl writes to a served sandbox. Expected texts are those that it prints of any cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.conformance.manifests import config_map, deployment, service
from tests.sandbox.served import kubectl, served

pytestmark = kubectl


def _image(image: str, **spec: Any) -> dict[str, Any]:
    body = deployment(**spec)
    body["spec"]["template"]["spec"]["containers"][0]["image"] = image
    return body


async def test_apply_creates_configures_and_leaves_alone(tmp_path: Path) -> None:
    async with served(tmp_path) as cluster:
        lines = (await cluster.apply(deployment(), service())).splitlines()
        assert lines == ["deployment.apps/web created", "service/web created"]
        lines = (await cluster.apply(deployment(), service())).splitlines()
        assert lines == ["deployment.apps/web unchanged", "service/web unchanged"]
        assert await cluster.apply(_image("web:2.0.0")) == "deployment.apps/web configured"
        found = await cluster.get("deployment", "web")
        (container,) = found["spec"]["template"]["spec"]["containers"]
        assert container["image"] == "web:2.0.0"
        body = deployment()
        body["spec"]["template"]["spec"]["containers"].append({"name": "side", "image": "s:1"})
        await cluster.apply(body)
        body["spec"]["template"]["spec"]["containers"].pop(0)
        await cluster.apply(body)
        found = await cluster.get("deployment", "web")
        names = [one["name"] for one in found["spec"]["template"]["spec"]["containers"]]
        assert names == ["side"]


async def test_apply_refuses_unknown_fields(tmp_path: Path) -> None:
    async with served(tmp_path) as cluster:
        body = deployment(replica=2)
        text = await cluster.refused("apply", "-f", "-", stdin=yaml.safe_dump(body))
        assert text.startswith("Error from server (BadRequest): error when creating")
        assert text.endswith('strict decoding error: unknown field "spec.replica"')
        done = await cluster.run("apply", "-f", "-", "--validate=warn", stdin=yaml.safe_dump(body))
        assert done.err.strip() == 'Warning: unknown field "spec.replica"'
        assert done.out.strip() == "deployment.apps/web created"


async def test_dry_runs_and_differences(tmp_path: Path) -> None:
    async with served(tmp_path) as cluster:
        await cluster.apply(deployment())
        text = await cluster.apply(deployment(replicas=3), dry_run="server")
        assert text == "deployment.apps/web configured (server dry run)"
        done = await cluster.run("diff", "-f", "-", stdin=yaml.safe_dump(deployment(replicas=3)))
        assert done.code == 1
        assert {"-  replicas: 0", "+  replicas: 3"} <= set(done.out.splitlines())
        assert (await cluster.get("deployment", "web"))["spec"]["replicas"] == 0


async def test_server_side_apply_meets_conflicts(tmp_path: Path) -> None:
    async with served(tmp_path) as cluster:
        text = yaml.safe_dump(_image("web:1.0.0"))
        out = await cluster("apply", "--server-side", "-f", "-", stdin=text)
        assert out == "deployment.apps/web serverside-applied"
        await cluster("set", "image", "deployment/web", "app=web:9.9.9")
        complaint = await cluster.refused("apply", "--server-side", "-f", "-", stdin=text)
        assert complaint.startswith(
            'error: Apply failed with 1 conflict: conflict with "kubectl-set" using apps/v1: '
            '.spec.template.spec.containers[name="app"].image'
        )
        flags = ("apply", "--server-side", "--force-conflicts", "-f", "-")
        assert (await cluster(*flags, stdin=text)).endswith("serverside-applied")
        path = "jsonpath={.spec.template.spec.containers[0].image}"
        assert await cluster("get", "deployment/web", "-o", path) == "web:1.0.0"


async def test_patch_in_its_three_ways(tmp_path: Path) -> None:
    async with served(tmp_path) as cluster:
        await cluster.apply(deployment())
        env = '[{"name": "app", "env": [{"name": "A", "value": "b"}]}]'
        strategic = f'{{"spec": {{"template": {{"spec": {{"containers": {env}}}}}}}}}'
        out = await cluster("patch", "deployment", "web", "-p", strategic)
        assert out == "deployment.apps/web patched"
        merge = '{"metadata": {"labels": {"x": "y"}}}'
        await cluster("patch", "deployment", "web", "--type=merge", "-p", merge)
        operations = '[{"op": "replace", "path": "/spec/minReadySeconds", "value": 2}]'
        await cluster("patch", "deployment", "web", "--type=json", "-p", operations)
        found = await cluster.get("deployment", "web")
        (container,) = found["spec"]["template"]["spec"]["containers"]
        assert (container["image"], container["env"]) == (
            "web:1.0.0",
            [{"name": "A", "value": "b"}],
        )
        assert found["metadata"]["labels"] == {"x": "y"}
        assert found["spec"]["minReadySeconds"] == 2
        out = await cluster("patch", "deployment", "web", "--type=merge", "-p", merge)
        assert out == "deployment.apps/web patched (no change)"


async def test_edit_label_and_annotate(tmp_path: Path) -> None:
    async with served(tmp_path) as cluster:
        await cluster.apply(deployment(minReadySeconds=1))
        editor = "sed -i s/minReadySeconds:.1/minReadySeconds:\\ 7/"
        out = await cluster("edit", "deployment", "web", EDITOR=editor)
        assert out == "deployment.apps/web edited"
        assert await cluster("label", "deployment", "web", "a=b") == "deployment.apps/web labeled"
        assert await cluster("annotate", "deployment", "web", "c=d") == (
            "deployment.apps/web annotated"
        )
        found = await cluster.get("deployment", "web", "--show-managed-fields")
        assert found["spec"]["minReadySeconds"] == 7
        assert found["metadata"]["labels"] == {"a": "b"}
        assert found["metadata"]["annotations"]["c"] == "d"
        managers = {row["manager"] for row in found["metadata"]["managedFields"]}
        assert {"kubectl-edit", "kubectl-label", "kubectl-annotate"} <= managers


async def test_create_in_the_typed_way(tmp_path: Path) -> None:
    """These commands send protobuf."""
    async with served(tmp_path) as cluster:
        assert await cluster("create", "namespace", "other") == "namespace/other created"
        here = ("-n", "other")
        await cluster("create", "configmap", "settings", "--from-literal=a=b", *here)
        await cluster("create", "secret", "generic", "s", "--from-literal=a=b", *here)
        flags = ("--image=web:1", "--replicas=2", "--port=80")
        await cluster("create", "deployment", "web", *flags, *here)
        await cluster("create", "service", "clusterip", "web", "--tcp=80:8080", *here)
        assert (await cluster.get("configmap", "settings", *here))["data"] == {"a": "b"}
        found = await cluster.get("secret", "s", *here)
        assert (found["data"], found["type"]) == ({"a": "Yg=="}, "Opaque")
        spec = (await cluster.get("deployment", "web", *here))["spec"]
        assert (spec["replicas"], spec["selector"]) == (2, {"matchLabels": {"app": "web"}})
        (container,) = spec["template"]["spec"]["containers"]
        assert (container["image"], container["resources"]) == ("web:1", {})
        assert container["ports"] == [{"containerPort": 80, "protocol": "TCP"}]
        assert not {"minReadySeconds", "paused"} & set(spec)
        ports = (await cluster.get("service", "web", *here))["spec"]["ports"]
        assert ports == [{"name": "80-8080", "port": 80, "protocol": "TCP", "targetPort": 8080}]
        text = await cluster.refused("create", "namespace", "other")
        assert text == 'Error from server (AlreadyExists): namespaces "other" already exists'


async def test_replace_and_create_from_files(tmp_path: Path) -> None:
    async with served(tmp_path) as cluster:
        text = yaml.safe_dump(config_map(a="1"))
        assert await cluster("create", "-f", "-", stdin=text) == "configmap/settings created"
        text = yaml.safe_dump(config_map(a="2"))
        assert await cluster("replace", "-f", "-", stdin=text) == "configmap/settings replaced"
        assert (await cluster.get("configmap", "settings"))["data"] == {"a": "2"}


async def test_the_audit_log_names_the_program(tmp_path: Path) -> None:
    async with served(tmp_path) as cluster:
        await cluster.apply(config_map())
        writes = [one for one in cluster.cluster.server.audit if one.writes and one.subject]
        (entry,) = [one for one in writes if one.subject.kind.resource.plural == "configmaps"]
        assert (entry.user, entry.method, entry.status) == ("kubectl", "POST", 201)
        assert entry.query["fieldManager"] == "kubectl-client-side-apply"
