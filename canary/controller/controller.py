"""The controller: caches, queue and workers of one process that leads."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

from analysis.subject import Connect
from canary.clock import Clock
from canary.controller.admission import Admission
from canary.controller.alerts import Alerts
from canary.controller.announcer import Announcer
from canary.controller.asker import Asker
from canary.controller.committer import Committer
from canary.controller.digests import Digests
from canary.controller.evaluation import Evaluator
from canary.controller.executor import Executor
from canary.controller.gather import Gatherer
from canary.controller.heralds import Heralds
from canary.controller.indexes import INDEXES
from canary.controller.looks import Looks
from canary.controller.memory import Memory
from canary.controller.metrics import Metrics
from canary.controller.projector import Projector
from canary.controller.reconcile import Reconciler, Services
from canary.controller.scene import Scene
from canary.controller.schemas import Schemas
from canary.controller.settings import Settings
from canary.controller.telemetry import Telemetry
from canary.controller.triggers import Triggers, places
from canary.controller.webhooks import Webhooks
from canary.hooks.gate import Call
from canary.kube.caches import Caches
from canary.kube.client import Client
from canary.kube.queue import WorkQueue
from canary.kube.resources import (
    ALERT_PROVIDERS,
    CANARIES,
    CONFIG_MAPS,
    CONTROLLER_REVISIONS,
    DEPLOYMENTS,
    ENDPOINT_SLICES,
    METRIC_TEMPLATES,
    SECRETS,
    SERVICES,
    Key,
    Obj,
    Resource,
)
from canary.notify.post import Post

_ALWAYS = (
    CANARIES,
    METRIC_TEMPLATES,
    ALERT_PROVIDERS,
    DEPLOYMENTS,
    SERVICES,
    ENDPOINT_SLICES,
    CONTROLLER_REVISIONS,
)

AT_ONCE = 16
"""Canaries that are looked at together for each of the flag's threads. A look mostly waits for
answers of the API server, so that with few at a time steps come late where hundreds roll out.
Flagger's threads only put Canaries on its schedule, and their analyses run without any limit."""


class Controller:
    """Runs every Canary in scope while ``run`` is awaited. Make a new one to lead again."""

    def __init__(
        self,
        client: Client,
        settings: Settings,
        clock: Clock,
        *,
        metrics: Metrics,
        rng: random.Random,
        connector: Connect,
        post: Post,
        call: Call,
    ) -> None:
        self._settings, self._clock, self._metrics = settings, clock, metrics
        self._queue: WorkQueue[Key] = WorkQueue(rng)
        self._memories: dict[Key, Memory] = {}
        self._last: dict[Key, Obj] = {}
        self._caches = Caches(client, self._changed, rng, settings.namespaces, INDEXES)
        self._triggers = Triggers(self._caches)
        self._admission = Admission(self._caches, settings, self._queue.add, metrics.queued)
        self._digests = Digests(client, self._digested)
        self._schemas = Schemas(client, clock, self._queue.add)
        self._webhooks = Webhooks(call, settings.event_webhook)
        announcer = Announcer(client, clock, self._webhooks)
        alerts = Alerts(client, self._caches, settings, post, announcer)
        self._heralds = Heralds(announcer, alerts, self._queue.add)
        telemetry = Telemetry(metrics, clock)
        executor = Executor(client, settings)
        reconciler = Reconciler(
            Services(
                client=client,
                caches=self._caches,
                settings=settings,
                clock=clock,
                gatherer=Gatherer(self._caches, self._digests, self._schemas, settings),
                committer=Committer(client, clock),
                projector=Projector(executor, announcer, telemetry, settings, clock),
                evaluator=Evaluator(client, self._caches, settings, connector, self._webhooks),
                asker=Asker(clock, self._queue.add),
                heralds=self._heralds,
                telemetry=telemetry,
                admission=self._admission,
                wake_at=self._queue.add_at,
                refer=self._refer,
            )
        )
        self._looks = Looks(reconciler, self._queue, self._admission, self._heralds, metrics)
        self._synced = asyncio.Event()

    @property
    def ready(self) -> bool:
        """The caches have been filled once."""
        return self._synced.is_set()

    async def run(self) -> None:
        """Work until cancelled; a Canary's trouble never ends it."""
        try:
            self._start_caches()
            await self._synced.wait()
            self._metrics.queue(lambda: len(self._queue))
            async with asyncio.TaskGroup() as group:
                for _ in range(self._settings.threadiness * AT_ONCE):
                    group.create_task(self._work())
        finally:
            for memory in self._memories.values():
                memory.cancel()
            self._digests.close()
            self._schemas.close()
            self._queue.close()
            await self._heralds.close()
            await self._webhooks.close()
            await self._caches.close()

    def _start_caches(self) -> None:
        tracked = (CONFIG_MAPS, SECRETS) if self._settings.config_tracking else ()
        for resource in (*_ALWAYS, *tracked):
            self._caches.everywhere(resource)

    async def _work(self) -> None:
        while True:
            key = await self._queue.get()
            try:
                await self._one(key)
            finally:
                self._queue.done(key)

    async def _one(self, key: Key) -> None:
        obj = self._caches.store(CANARIES, key.namespace).get(key)
        if obj is None:
            self._forget(key)
            return
        memory = self._memory(key, obj)
        self._last[key] = obj
        await self._looks.look(obj, memory)

    def _memory(self, key: Key, obj: Obj) -> Memory:
        uid = str(obj["metadata"]["uid"])
        memory = self._memories.get(key)
        if memory is None or memory.uid != uid:
            if memory is not None:
                memory.cancel()
            memory = self._memories[key] = Memory(uid=uid)
        return memory

    def _forget(self, key: Key) -> None:
        memory, last = self._memories.pop(key, None), self._last.pop(key, None)
        if memory is not None:
            memory.cancel()
        if last is not None:
            self._heralds.farewell(last)
        self._triggers.forget(key)
        self._admission.withdrawn(key)
        self._queue.forget(key)
        self._metrics.forget(key.namespace, key.name)

    def _refer(self, key: Key, scene: Scene) -> None:
        self._triggers.refer(key, places(scene))

    def _changed(self, resource: Resource, key: Key, old: Obj | None, new: Obj | None) -> None:
        # What is known of an object is of one version of it.
        self._digests.forget(resource, key)
        for canary in self._triggers.concerned(resource, key, old, new):
            self._queue.add(canary)
        if resource == CANARIES:
            self._admission.changed(old, new)
            if (old is None) != (new is None):
                self._count()
        for cached, namespace, synced in self._caches.states() if not key.name else ():
            self._metrics.watching(str(cached), namespace, synced)
        if self._caches.synced:
            self._synced.set()

    def _count(self) -> None:
        stores = self._caches.everywhere(CANARIES)
        self._metrics.canaries(Counter(place.namespace for store in stores for place in store))

    def _digested(self, resource: Resource, key: Key) -> None:
        for canary in self._triggers.readers(resource, key):
            self._queue.add(canary)
