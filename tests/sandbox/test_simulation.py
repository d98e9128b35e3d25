"""Simulated workloads under virtual time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from canary import virtualtime
from canary.kube.client import Client
from canary.kube.resources import (
    DAEMON_SETS,
    DEPLOYMENTS,
    ENDPOINT_SLICES,
    PODS,
    REPLICA_SETS,
    Key,
    Resource,
)
from canary.sandbox.kinds import NODES
from canary.sandbox.nodes import add_node
from canary.sandbox.pods import Behaviour
from tests.conformance.manifests import deployment, service
from tests.rig.stage import Stage

SERVICES = Resource("", "v1", "services", "Service")
Play = Callable[[Stage, Client], Awaitable[None]]


def _run(play: Play, behaviour: Behaviour) -> None:
    async def whole() -> None:
        stage = Stage(behaves=lambda template: behaviour)
        try:
            await stage.up(crds=False)
            await play(stage, stage.user)
        finally:
            await stage.down()

    virtualtime.run(whole())


def _in_test(body: dict[str, Any], kind: str = "") -> dict[str, Any]:
    meta = {**body["metadata"], "namespace": "test"}
    return {**body, "kind": kind or body["kind"], "metadata": meta}


def _pods(stage: Stage) -> list[dict[str, Any]]:
    return [obj for _, obj in stage.cluster.server.storage.all(PODS)]


def _ready(stage: Stage) -> int:
    conditions = [c for pod in _pods(stage) for c in pod["status"]["conditions"]]
    return sum((one["type"], one["status"]) == ("Ready", "True") for one in conditions)


def test_pods_take_their_time_to_start() -> None:
    async def play(stage: Stage, user: Client) -> None:
        await user.create(DEPLOYMENTS, _in_test(deployment(replicas=2)))
        await user.create(SERVICES, _in_test(service()))
        await stage.rest(4)
        assert (len(_pods(stage)), _ready(stage)) == (2, 0)
        status = stage.get(DEPLOYMENTS, "web")["status"]
        assert (status["replicas"], status["unavailableReplicas"]) == (2, 2)
        await stage.rest(2)
        assert _ready(stage) == 2
        assert stage.get(DEPLOYMENTS, "web")["status"]["availableReplicas"] == 2
        ((_, found),) = stage.cluster.server.storage.all(ENDPOINT_SLICES)
        assert [one["conditions"]["ready"] for one in found["endpoints"]] == [True, True]

    _run(play, Behaviour(starts_in=5.0))


def test_pods_take_their_time_to_end() -> None:
    async def play(stage: Stage, user: Client) -> None:
        await user.create(DEPLOYMENTS, _in_test(deployment(replicas=1)))
        await stage.rest(1)
        await user.merge_patch(DEPLOYMENTS, "test", "web", {"spec": {"replicas": 0}})
        await stage.rest(1)
        (pod,) = _pods(stage)
        # Kubernetes: a pod that ends bears the time when it has to be gone, and is not ready.
        assert pod["metadata"]["deletionTimestamp"]
        assert stage.get(DEPLOYMENTS, "web")["status"].get("replicas", 0) == 0
        await stage.rest(3)
        assert _pods(stage) == []

    _run(play, Behaviour(ends_in=3.0))


def test_a_rolling_update_keeps_enough_pods() -> None:
    async def play(stage: Stage, user: Client) -> None:
        # 25 % of 4 pods may be missing, 25 % may be too many (Deployment defaults).
        await user.create(DEPLOYMENTS, _in_test(deployment(replicas=4)))
        await stage.rest(3)
        patch = {"spec": {"template": {"metadata": {"annotations": {"a": "b"}}}}}
        await user.merge_patch(DEPLOYMENTS, "test", "web", patch)
        seen = []
        for _ in range(60):
            await stage.rest(0.25)
            status = stage.get(DEPLOYMENTS, "web")["status"]
            seen.append((status.get("availableReplicas", 0), len(_pods(stage))))
        assert min(available for available, _ in seen) == 3
        assert max(pods for _, pods in seen) == 5
        assert stage.get(DEPLOYMENTS, "web")["status"]["updatedReplicas"] == 4
        sets = [obj for _, obj in stage.cluster.server.storage.all(REPLICA_SETS)]
        assert sorted(one["spec"]["replicas"] for one in sets) == [0, 4]
        assert sorted(one["status"].get("readyReplicas", 0) for one in sets) == [0, 4]

    _run(play, Behaviour(starts_in=1.0))


def test_a_history_has_an_end() -> None:
    async def play(stage: Stage, user: Client) -> None:
        body = deployment(replicas=1, revisionHistoryLimit=2)
        await user.create(DEPLOYMENTS, _in_test(body))
        for number in range(5):
            await stage.rest(1)
            await stage.set_image(f"web:{number}", "web")
        await stage.rest(1)
        sets = [obj for _, obj in stage.cluster.server.storage.all(REPLICA_SETS)]
        key = "deployment.kubernetes.io/revision"
        revisions = sorted(int(one["metadata"]["annotations"][key]) for one in sets)
        # The current one, and the two before it.
        assert revisions == [4, 5, 6]

    _run(play, Behaviour())


def test_a_daemon_follows_the_nodes() -> None:
    async def play(stage: Stage, user: Client) -> None:
        body = _in_test(deployment("agent"), "DaemonSet")
        del body["spec"]["replicas"]
        await user.create(DAEMON_SETS, body)
        await stage.rest(1)
        assert [pod["spec"]["nodeName"] for pod in _pods(stage)] == ["sandbox"]
        add_node(stage.cluster.server, "second")
        await stage.rest(1)
        assert {pod["spec"]["nodeName"] for pod in _pods(stage)} == {"sandbox", "second"}
        status = stage.get(DAEMON_SETS, "agent")["status"]
        assert (status["desiredNumberScheduled"], status["numberReady"]) == (2, 2)
        uid = stage.cluster.server.storage.get(NODES, Key("", "second"))["metadata"]["uid"]
        await user.delete(NODES, None, "second", uid=uid)
        await stage.rest(1)
        assert [pod["spec"]["nodeName"] for pod in _pods(stage)] == ["sandbox"]

    _run(play, Behaviour())


def test_a_daemon_is_replaced_one_at_a_time() -> None:
    async def play(stage: Stage, user: Client) -> None:
        for name in ("second", "third"):
            add_node(stage.cluster.server, name)
        body = _in_test(deployment("agent"), "DaemonSet")
        del body["spec"]["replicas"]
        await user.create(DAEMON_SETS, body)
        await stage.rest(3)
        assert _ready(stage) == 3
        patch = {"spec": {"template": {"metadata": {"annotations": {"a": "b"}}}}}
        await user.merge_patch(DAEMON_SETS, "test", "agent", patch)
        seen = []
        for _ in range(40):
            await stage.rest(0.25)
            seen.append(_ready(stage))
        # maxUnavailable is 1 by default.
        assert min(seen) == 2
        status = stage.get(DAEMON_SETS, "agent")["status"]
        assert (status["updatedNumberScheduled"], status["numberAvailable"]) == (3, 3)

    _run(play, Behaviour(starts_in=1.0))


def test_a_deleted_pod_ends_before_it_is_gone() -> None:
    async def play(stage: Stage, user: Client) -> None:
        await user.create(DEPLOYMENTS, _in_test(deployment(replicas=1)))
        await stage.rest(1)
        (pod,) = _pods(stage)
        name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
        await user.delete(PODS, "test", name, uid=uid)
        await stage.rest(1)
        ending = [one for one in _pods(stage) if "deletionTimestamp" in one["metadata"]]
        assert [one["metadata"]["name"] for one in ending] == [name]
        assert len(_pods(stage)) == 2
        await stage.rest(3)
        assert [one["metadata"]["name"] == name for one in _pods(stage)] == [False]

    _run(play, Behaviour(ends_in=3.0))


def test_what_is_made_for_an_owner_that_has_gone_goes_too() -> None:
    async def play(stage: Stage, user: Client) -> None:
        owner = await user.create(SERVICES, _in_test(service()))
        meta = owner["metadata"]
        await user.delete(SERVICES, "test", meta["name"], uid=meta["uid"])
        late = _in_test(deployment(replicas=1))
        reference = {"apiVersion": "v1", "kind": "Service", "name": meta["name"]}
        late["metadata"]["ownerReferences"] = [reference | {"uid": meta["uid"]}]
        await user.create(DEPLOYMENTS, late)
        await stage.rest(1)
        assert stage.get(DEPLOYMENTS, late["metadata"]["name"]) is None

    _run(play, Behaviour())
