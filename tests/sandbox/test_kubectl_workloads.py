"""kubectl and the simulated workloads of a served sandbox."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.conformance.manifests import config_map, deployment
from tests.sandbox.served import Served, kubectl, served

pytestmark = kubectl


async def _names(cluster: Served, kind: str) -> set[str]:
    return set((await cluster("get", kind, "-o", "name")).split())


async def test_an_image_is_rolled_out_and_back(tmp_path: Path) -> None:
    async with served(tmp_path) as cluster:
        await cluster.apply(deployment(replicas=2))
        out = await cluster("rollout", "status", "deployment/web")
        assert out.splitlines()[-1] == 'deployment "web" successfully rolled out'
        out = await cluster("set", "image", "deployment/web", "app=web:2.0.0")
        assert out == "deployment.apps/web image updated"
        await cluster("rollout", "status", "deployment/web")
        history = (await cluster("rollout", "history", "deployment/web")).splitlines()
        assert [line.split()[0] for line in history[2:]] == ["1", "2"]
        await cluster("rollout", "undo", "deployment/web")
        await cluster("rollout", "status", "deployment/web")
        found = await cluster.get("deployment", "web")
        assert found["spec"]["template"]["spec"]["containers"][0]["image"] == "web:1.0.0"
        assert found["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "3"
        images = {
            pod["spec"]["containers"][0]["image"] for pod in (await cluster.get("pods"))["items"]
        }
        assert images == {"web:1.0.0"}
        await cluster("rollout", "restart", "deployment/web")
        await cluster("rollout", "status", "deployment/web")
        found = await cluster.get("deployment", "web")
        assert found["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "4"


async def test_scale_and_wait(tmp_path: Path) -> None:
    async with served(tmp_path) as cluster:
        await cluster.apply(deployment())
        assert await cluster("scale", "deployment/web", "--replicas=3") == (
            "deployment.apps/web scaled"
        )
        out = await cluster(
            "wait", "deployment/web", "--for=jsonpath={.status.readyReplicas}=3", "--timeout=10s"
        )
        assert out == "deployment.apps/web condition met"
        out = await cluster("wait", "deployment/web", "--for=condition=Available")
        assert out == "deployment.apps/web condition met"
        text = await cluster.refused(
            "scale", "deployment/web", "--current-replicas=7", "--replicas=1"
        )
        assert "Expected replicas to be 7, was 3" in text


async def test_a_deleted_pod_is_replaced(tmp_path: Path) -> None:
    async with served(tmp_path) as cluster:
        await cluster.apply(deployment(replicas=1))
        await cluster("rollout", "status", "deployment/web")
        (before,) = await _names(cluster, "pods")
        assert (await cluster("delete", before)).startswith('pod "web-')
        await cluster("rollout", "status", "deployment/web")
        (after,) = await _names(cluster, "pods")
        assert after != before


async def test_deletion_takes_dependents_along(tmp_path: Path) -> None:
    for cascade in ("background", "foreground"):
        async with served(tmp_path) as cluster:
            await cluster.apply(deployment(replicas=1))
            await cluster("rollout", "status", "deployment/web")
            (pod,) = await _names(cluster, "pods")
            out = await cluster("delete", "deployment", "web", f"--cascade={cascade}")
            assert out.startswith('deployment.apps "web" deleted')
            await cluster("wait", "--for=delete", pod, "--timeout=10s")
            assert await _names(cluster, "replicasets") == set()


async def test_orphans_live_on(tmp_path: Path) -> None:
    async with served(tmp_path) as cluster:
        await cluster.apply(deployment(replicas=2))
        await cluster("rollout", "status", "deployment/web")
        pods, (owner,) = await _names(cluster, "pods"), await _names(cluster, "replicasets")
        await cluster("delete", "deployment", "web", "--cascade=orphan")
        assert await _names(cluster, "pods") == pods
        await cluster("scale", owner, "--replicas=1")
        await cluster("wait", owner, "--for=jsonpath={.status.replicas}=1", "--timeout=10s")
        assert len(await _names(cluster, "pods")) == 1
        assert await _names(cluster, "pods") < pods


async def test_namespaces_come_and_go(tmp_path: Path) -> None:
    async with served(tmp_path) as cluster:
        await cluster("create", "namespace", "other")
        await cluster("apply", "-n", "other", "-f", "-", stdin=json.dumps(deployment(replicas=1)))
        await cluster("apply", "-n", "other", "-f", "-", stdin=json.dumps(config_map()))
        assert (await cluster("delete", "namespace", "other")).startswith('namespace "other"')
        assert "namespace/other" not in await _names(cluster, "namespaces")
        everything = await cluster("get", "deployments,pods,configmaps", "-A", "-o", "name")
        assert everything == ""


def _daemon(image: str) -> dict[str, Any]:
    body = {**deployment("agent"), "kind": "DaemonSet"}
    del body["spec"]["replicas"]
    body["spec"]["template"]["spec"]["containers"][0]["image"] = image
    return body


async def test_a_daemon_runs_on_the_node(tmp_path: Path) -> None:
    async with served(tmp_path) as cluster:
        await cluster.apply(_daemon("agent:1"))
        out = await cluster("rollout", "status", "daemonset/agent")
        assert out.splitlines()[-1] == 'daemon set "agent" successfully rolled out'
        (before,) = await _names(cluster, "pods")
        await cluster.apply(_daemon("agent:2"))
        await cluster("rollout", "status", "daemonset/agent")
        (after,) = await _names(cluster, "pods")
        assert after != before
        lines = (await cluster("get", "daemonsets")).splitlines()
        assert lines[1].split()[:7] == ["agent", "1", "1", "1", "1", "1", "<none>"]
        selector = '{"spec":{"template":{"spec":{"nodeSelector":{"nowhere":"yes"}}}}}'
        await cluster("patch", "daemonset", "agent", "-p", selector)
        await cluster("wait", "--for=delete", after, "--timeout=10s")
        await cluster("delete", "daemonset", "agent")
        assert await _names(cluster, "pods") == set()


async def test_what_cannot_be_done_is_refused_by_name(tmp_path: Path) -> None:
    async with served(tmp_path) as cluster:
        await cluster.apply(deployment(replicas=1))
        await cluster("rollout", "status", "deployment/web")
        missing = "the sandbox does not support"
        text = await cluster.refused("logs", "deployment/web")
        assert f"{missing} pods/log" in text
        (pod,) = await _names(cluster, "pods")
        assert f"{missing} pods/exec" in await cluster.refused("exec", pod, "--", "ls")
        text = await cluster.refused("rollout", "pause", "deployment/web")
        assert f"{missing} paused Deployments" in text
        text = await cluster.refused("get", "jobs")
        assert text == 'error: the server doesn\'t have a resource type "jobs"'
        path = "/api/v1/namespaces/default/pods"
        text = await cluster.refused("delete", "--raw", path)
        assert f"{missing} the deletion of a whole collection" in text
