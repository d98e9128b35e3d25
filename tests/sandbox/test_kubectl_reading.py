"""kubectl reads a served sandbox. Expected texts are those that it prints of any cluster."""

from __future__ import annotations

import json
import re
from pathlib import Path

from canary.sandbox.pods import Behaviour
from tests.conformance.manifests import canary, deployment, event, service
from tests.sandbox.served import kubectl, served

pytestmark = kubectl


async def test_get_prints_tables(tmp_path: Path) -> None:
    async with served(tmp_path) as cluster:
        await cluster.apply(deployment(replicas=2), service())
        await cluster("rollout", "status", "deployment/web")
        lines = (await cluster("get", "deployments")).splitlines()
        assert lines[0].split() == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
        assert lines[1].split()[:4] == ["web", "2/2", "2", "2"]
        assert re.fullmatch(r"\d+s", lines[1].split()[4])
        wide = (await cluster("get", "deploy", "web", "-o", "wide")).splitlines()[1].split()
        assert wide[5:] == ["app", "web:1.0.0", "app=web"]
        pods = (await cluster("get", "pods", "-l", "app=web")).splitlines()[1:]
        assert [line.split()[1:4] for line in pods] == [["1/1", "Running", "0"]] * 2
        everything = await cluster("get", "all", "-o", "name")
        kinds = {line.partition("/")[0] for line in everything.splitlines()}
        assert kinds == {"pod", "service", "deployment.apps", "replicaset.apps"}
        everywhere = (await cluster("get", "services", "-A")).splitlines()
        assert everywhere[1].split()[:3] == ["default", "web", "ClusterIP"]


async def test_get_prints_objects(tmp_path: Path) -> None:
    async with served(tmp_path) as cluster:
        await cluster.apply(deployment())
        found = await cluster.get("deployment", "web")
        assert (found["kind"], found["spec"]["replicas"]) == ("Deployment", 0)
        path = "{.spec.template.spec.containers[*].image}"
        assert await cluster("get", "deploy/web", "-o", f"jsonpath={path}") == "web:1.0.0"
        columns = "custom-columns=N:.metadata.name,R:.spec.replicas"
        assert (await cluster("get", "deploy", "-o", columns)).split() == ["N", "R", "web", "0"]
        assert (await cluster.get("deployments"))["kind"] == "List"
        text = 'Error from server (NotFound): deployments.apps "nope" not found'
        assert await cluster.refused("get", "deployment", "nope") == text
        assert await cluster("get", "deployment", "nope", "--ignore-not-found") == ""
        empty = await cluster.run("get", "secrets")
        assert empty.err.strip() == "No resources found in default namespace."


async def test_custom_resources_print_their_own_columns(tmp_path: Path) -> None:
    analysis = {"interval": "1m", "threshold": 5, "iterations": 2}
    async with served(tmp_path) as cluster:
        await cluster.apply(canary(analysis=analysis))
        await cluster(
            "patch", "canary", "web", "--subresource=status", "--type=merge", "-p",
            '{"status": {"phase": "Progressing", "canaryWeight": 10, "failedChecks": 0, '
            '"iterations": 0, "lastTransitionTime": "2026-01-01T00:00:00Z"}}',
        )  # fmt: skip
        lines = (await cluster("get", "canaries")).splitlines()
        assert lines[0].split() == ["NAME", "STATUS", "WEIGHT", "LASTTRANSITIONTIME"]
        assert lines[1].split() == ["web", "Progressing", "10", "2026-01-01T00:00:00Z"]
        text = await cluster("describe", "canary", "web")
        assert re.search(r"^ +Phase: +Progressing$", text, re.MULTILINE)
        assert re.search(r"^ +Threshold: +5$", text, re.MULTILINE)
        established = await cluster(
            "wait", "--for=condition=established", "crd/canaries.flagger.app", "--timeout=10s"
        )
        assert established.endswith("condition met")


async def test_describe_shows_sets_and_events(tmp_path: Path) -> None:
    async with served(tmp_path) as cluster:
        await cluster.apply(deployment(replicas=1), service())
        await cluster("rollout", "status", "deployment/web")
        found = await cluster.get("deployment", "web")
        await cluster("create", "-f", "-", stdin=json.dumps(event("web.1", found)))
        text = await cluster("describe", "deployment", "web")
        assert re.search(
            r"^Replicas: +1 desired \| 1 updated \| 1 total \| 1 available", text, re.M
        )
        assert re.search(r"^NewReplicaSet: +web-\w+ \(1/1 replicas created\)$", text, re.MULTILINE)
        assert re.search(r"^  Available +True +MinimumReplicasAvailable$", text, re.MULTILINE)
        assert re.search(r"Normal +Synced .* hello$", text, re.MULTILINE)
        pod = (await cluster("get", "pods", "-o", "name")).strip()
        text = await cluster("describe", pod)
        assert re.search(r"^Controlled By: +ReplicaSet/web-", text, re.MULTILINE)
        assert re.search(r"^Node: +sandbox/", text, re.MULTILINE)
        text = await cluster("describe", "service", "web")
        # Before 1.31 it looks for Endpoints; the sandbox has EndpointSlices, which took over.
        shown = r"10\.\d+\.\d+\.\d+:80" if await cluster.minor() >= 31 else "<none>"
        assert re.search(rf"^Endpoints: +{shown}$", text, re.MULTILINE)
        events = (await cluster("events", "--for", "deployment/web")).splitlines()
        assert events[-1].split()[-1] == "hello"


async def test_pods_that_never_serve_are_seen(tmp_path: Path) -> None:
    async with served(tmp_path, Behaviour(starts_in=None)) as cluster:
        await cluster.apply(deployment(replicas=1))
        text = await cluster.refused("rollout", "status", "deployment/web", "--timeout=1s")
        assert text == "error: timed out waiting for the condition"
        (line,) = (await cluster("get", "pods", "--no-headers")).splitlines()
        assert line.split()[1] == "0/1"
        found = await cluster.get("deployment", "web")
        assert found["status"]["unavailableReplicas"] == 1


async def test_discovery_names_what_there_is(tmp_path: Path) -> None:
    async with served(tmp_path) as cluster:
        lines = (await cluster("api-resources", "--no-headers", "-o", "wide")).splitlines()
        rows = {line.split()[0]: line.split() for line in lines}
        assert rows["deployments"][1:5] == ["deploy", "apps/v1", "true", "Deployment"]
        assert rows["canaries"][1:4] == ["flagger.app/v1beta1", "true", "Canary"]
        assert "deletecollection" not in rows["pods"][-2] + rows["pods"][-1]
        assert "flagger.app/v1beta1" in (await cluster("api-versions")).split()
        assert "v1.36" in await cluster("version")
        text = await cluster("explain", "canary.spec.analysis.threshold")
        assert "FIELD: threshold <number>" in text
        assert await cluster("auth", "can-i", "list", "pods") == "yes"
