"""What a scenario's script can do and wait for."""

from __future__ import annotations

import asyncio
from typing import Any

from canary.kube.resources import CANARIES, CONFIG_MAPS, DAEMON_SETS, DEPLOYMENTS, Key, Resource
from canary.sandbox.nodes import add_node
from tests.rig.manifests import setting
from tests.rig.stage import Stage
from tests.transcripts.rows import Row
from tests.transcripts.timeline import Recorder


class Script:
    """One scenario on its stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.recorder = Recorder(calls=stage.receivers.calls)
        self._statuses = stage.cluster.server.storage.feed(CANARIES)
        self._status: dict[str, Any] = {}

    async def initialized(self, **parts: Any) -> None:
        """The setting, up to an idle Canary."""
        await self.begins(setting(**parts))
        await self.reaches("Initialized")
        await self.stage.rest(30)

    async def begins(self, manifests: list[dict[str, Any]], *, keda: bool = False) -> None:
        """A cluster with these manifests, and a controller that has just started."""
        await self.stage.up()
        if keda:
            await self.stage.keda()
        await self.stage.apply(*manifests)
        self.stage.start()

    async def reaches(
        self, phase: str, weight: int | None = None, failed: int | None = None
    ) -> None:
        """Wait until the status is, or has meanwhile been, in a state; and one second more."""
        await self._until(phase=phase, canaryWeight=weight, failedChecks=failed)

    async def iterates(self, iteration: int) -> None:
        """As ``reaches``, for an iteration of Blue/Green or A/B."""
        await self._until(phase="Progressing", iterations=iteration)

    async def _until(self, **wanted: str | int | None) -> None:
        async with asyncio.timeout(3600):
            while any(self._status.get(k) != v for k, v in wanted.items() if v is not None):
                change = await self._statuses.get()
                self._status = (change.obj.get("status") or {}) if change else {}
        await self.stage.rest(1)

    async def image(self, tag: str) -> None:
        await self.stage.set_image(f"podinfo:{tag}")

    async def daemon_image(self, tag: str) -> None:
        """As ``image``, of a DaemonSet."""
        await self.stage.set_image(f"podinfo:{tag}", resource=DAEMON_SETS)

    def nodes(self, more: int) -> None:
        """``more`` nodes beside the first one."""
        for number in range(more):
            add_node(self.stage.cluster.server, f"node-{number}")

    async def spec(self, **changes: Any) -> None:
        await self.stage.patch(CANARIES, "podinfo", {"spec": changes})

    async def config(self, **data: str) -> None:
        await self.stage.patch(CONFIG_MAPS, "podinfo-config", {"data": data})

    async def replicas(self, count: int, name: str = "podinfo") -> None:
        await self.stage.patch(DEPLOYMENTS, name, {"spec": {"replicas": count}})

    def ready(self, count: int, name: str = "podinfo") -> None:
        """Exactly ``count`` pods of a workload are ready from now on."""
        self.stage.cluster.deployments.set_ready(Key("test", name), count)

    def freeze(self, name: str) -> None:
        """The controller of a workload stops working: its status stays as it is."""
        self.stage.cluster.deployments.frozen.add(Key("test", name))

    def freeze_daemon(self, name: str) -> None:
        """As ``freeze``, of a DaemonSet."""
        self.stage.cluster.daemon_sets.frozen.add(Key("test", name))

    def report_daemon(self, name: str, *, desired: int, updated: int, available: int) -> None:
        """As ``report``, of a DaemonSet."""
        status = {
            "currentNumberScheduled": desired,
            "desiredNumberScheduled": desired,
            "updatedNumberScheduled": updated,
            "numberAvailable": available,
        }
        self._reported(DAEMON_SETS, name, status)

    def report(self, name: str, **numbers: int) -> None:
        """The status of a frozen workload, up to date with its spec."""
        self._reported(DEPLOYMENTS, name, numbers)

    def _reported(self, resource: Resource, name: str, numbers: dict[str, int]) -> None:
        cluster, key = self.stage.cluster, Key("test", name)
        obj = cluster.server.storage.get(resource, key)
        status = {"observedGeneration": obj["metadata"]["generation"], **numbers}
        kind = cluster.server.kind_of("apps", "v1", resource.plural)
        cluster.server.writer.update(
            kind, key, {**obj, "status": status}, "script", subresource="status"
        )

    def stuck(self, name: str) -> None:
        """A workload reports that it exceeded its progress deadline."""
        cluster, key = self.stage.cluster, Key("test", name)
        cluster.deployments.frozen.add(key)
        obj = cluster.server.storage.get(DEPLOYMENTS, key)
        condition = {
            "type": "Progressing",
            "status": "False",
            "reason": "ProgressDeadlineExceeded",
            "message": f'ReplicaSet "{name}" has timed out progressing.',
        }
        status = {**obj["status"], "observedGeneration": obj["metadata"]["generation"]}
        status["conditions"] = [condition]
        kind = cluster.server.kind_of("apps", "v1", "deployments")
        cluster.server.writer.update(
            kind, key, {**obj, "status": status}, "script", subresource="status"
        )

    def mended(self, name: str) -> None:
        """A stuck workload works again."""
        self.stage.cluster.deployments.thaw(Key("test", name))

    def mended_daemon(self, name: str) -> None:
        """As ``mended``, of a DaemonSet."""
        self.stage.cluster.daemon_sets.thaw(Key("test", name))

    def answers(self, **hooks: int | tuple[int, str]) -> None:
        """What webhooks answer from now on, by name: a status, or a status and a text."""
        self.stage.receivers.answers |= hooks

    def look(self) -> None:
        """Show the present state as it is now."""
        self.recorder.take(self.stage.history())
        self.recorder.look()

    def rows(self) -> list[Row]:
        self.recorder.take(self.stage.history())
        return self.recorder.finish()
