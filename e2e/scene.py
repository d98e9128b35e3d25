"""What a scenario works with: a namespace of its own, hands, and eyes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson

from canary.kube.client import Client
from canary.kube.errors import AlreadyExists, NotFound
from canary.kube.resources import CANARIES, DEPLOYMENTS, EVENTS, NAMESPACES, Obj, Resource
from canary.kube.transport import MERGE_PATCH, STRATEGIC_PATCH, Request
from e2e.engine import Engine
from e2e.gateways import asking
from e2e.installation import Installation, install
from e2e.stack.apply import Applier
from e2e.stack.cluster import Stack
from e2e.timeline import Timeline
from e2e.traffic import Traffic
from e2e.witness import Witness

_PROVIDER = "gatewayapi:v1"
_RBAC = ("rbac.authorization.k8s.io", "v1")
CLUSTER_ROLES = Resource(*_RBAC, "clusterroles", "ClusterRole")
CLUSTER_ROLE_BINDINGS = Resource(*_RBAC, "clusterrolebindings", "ClusterRoleBinding")


class Cluster:
    """The cluster of the whole suite. ``stack`` is None where another cluster was named."""

    def __init__(
        self, client: Client, kubeconfig: Path, folder: Path, prometheus: str, stack: Stack | None
    ) -> None:
        self.client = client
        self.kubeconfig = kubeconfig
        self.folder = folder
        self.prometheus = prometheus
        self.stack = stack
        self.installations: list[Installation] = []
        """Every engine that was installed: what the permissions are counted by in the end."""
        self._made: list[tuple[Resource, Obj]] = []
        self._witnesses: dict[str, Witness] = {}

    async def install(self, namespace: str, watched: Sequence[str] = ()) -> Installation:
        """Make the engine's account and rights, and the namespaces that it watches."""
        for name in (namespace, *watched):
            await self.namespace(name)
        made = await install(
            self.client,
            namespace,
            provider=_PROVIDER,
            prometheus=self.prometheus,
            watched=watched,
        )
        self.installations.append(made)
        return made

    def witness(self, provider: str) -> Witness:
        """What the provider's gateway says, for all scenarios, from the first call on."""
        assert self.stack is not None, "only gateways of our own can be asked"
        if provider not in self._witnesses:
            self._witnesses[provider] = Witness(asking(self.stack.settings, provider))
        return self._witnesses[provider]

    async def close(self) -> None:
        """Ask the gateways no more."""
        for witness in self._witnesses.values():
            await witness.close()

    async def clear(self) -> None:
        """Remove what was made, for a cluster that outlives the run: namespaces with all that is in
        them, and roles. Our CRDs stay: others may have objects of them."""
        for installation in self.installations:
            for kind in (CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS):
                for role in installation.roles:
                    if role["kind"] == CLUSTER_ROLES.kind:
                        found = await self.client.get(kind, None, role["metadata"]["name"])
                        self._made.append((kind, found))
        for resource, obj in self._made:
            meta = obj["metadata"]
            with suppress(NotFound):
                await self.client.delete(resource, None, meta["name"], uid=meta["uid"])

    async def namespace(self, name: str) -> None:
        """Make sure that there is a namespace of this name."""
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        with suppress(AlreadyExists):
            self._made.append((NAMESPACES, await self.client.create(NAMESPACES, body)))

    def engine(
        self, installation: Installation, *, name: str = "engine", more: Sequence[str] = ()
    ) -> Engine:
        """A replica of it, not started yet."""
        return Engine(installation, self.kubeconfig, self.folder, name=name, more=more)


class Scene:
    """One scenario's share of the cluster. ``shared`` is the engine of those that don't bring
    their own, None if there are none. ``say`` prints a line of its report."""

    def __init__(
        self, cluster: Cluster, namespace: str, shared: Engine | None, say: Callable[[str], None]
    ) -> None:
        self.cluster = cluster
        self.client = cluster.client
        self.namespace = namespace
        self.shared = shared
        self.say = say
        self._installation: Installation | None = None
        self._numbers = itertools.count(1)
        self._exit = AsyncExitStack()
        self._timelines: dict[Resource, Timeline] = {}

    async def __aenter__(self) -> Scene:
        await self.cluster.namespace(self.namespace)
        for resource in (CANARIES, DEPLOYMENTS, EVENTS):
            self.timeline(resource)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._exit.__aexit__(kind, error, trace)

    @property
    def stack(self) -> Stack:
        """The cluster of our own, for what only it has."""
        assert self.cluster.stack is not None, "this scenario needs the process kubelet"
        return self.cluster.stack

    async def own_engine(
        self, *, name: str = "engine", more: Sequence[str] = (), everywhere: bool = False
    ) -> Engine:
        """An engine of this scenario's own, not started yet, for this namespace alone unless
        ``everywhere``; it is ended with the scenario. A further ``name`` is a further replica of
        the same installation."""
        if self._installation is None:
            watched = () if everywhere else (self.namespace,)
            self._installation = await self.cluster.install(self.namespace, watched)
        engine = self.cluster.engine(self._installation, name=name, more=more)
        self._exit.push_async_callback(engine.close)
        return engine

    async def apply(self, *objects: Obj) -> None:
        """Apply objects, in this namespace where they name none. Raises ApiError."""
        await Applier(self.client).apply(objects, namespace=self.namespace)

    async def patch(self, resource: Resource, name: str, patch: Obj) -> dict[str, Any]:
        """Change an object by hand: a strategic merge patch where its kind knows that."""
        kind = MERGE_PATCH if "." in resource.group else STRATEGIC_PATCH
        path = resource.path(self.namespace, name)
        query = {"fieldManager": self.client.manager}
        request = Request("PATCH", path, query, orjson.dumps(patch), kind)
        answer: dict[str, Any] = await self.client.send(request, "patch", str(resource))
        return answer

    def timeline(self, resource: Resource) -> Timeline:
        """The history of a resource in this namespace, from the first call on."""
        if resource not in self._timelines:
            timeline = Timeline(self.client, resource, self.namespace)
            self._timelines[resource] = timeline
            self._exit.push_async_callback(timeline.close)
        return self._timelines[resource]

    async def traffic(
        self,
        entrance: tuple[str, int],
        host: str,
        rate: float = 20.0,
        headers: Sequence[str] = (),
        visitors: int = 0,
    ) -> Traffic:
        """Users of ``host`` from now to the scenario's end; see ``entrances``."""
        file = self.cluster.folder / f"traffic-{host}-{next(self._numbers)}.jsonl"
        users = Traffic(self.stack.inside(), entrance, host, rate, file, headers, visitors)
        return await self._exit.enter_async_context(users)

    def events(self) -> list[str]:
        """Messages of the Canaries' events, in the order in which they arrived."""
        changes = self.timeline(EVENTS).changes
        found = (change.obj for change in changes if change.obj is not None)
        return [str(e["message"]) for e in found if e["involvedObject"]["kind"] == "Canary"]

    async def sleep(self, seconds: float) -> None:
        """Let time pass: for what must not happen."""
        await asyncio.sleep(seconds)
