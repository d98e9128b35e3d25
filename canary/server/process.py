"""One process from its start to its end, and the code that it exits with."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import socket
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

from prometheus_client import CollectorRegistry, ProcessCollector

from analysis.connector import Connector, open_session
from analysis.models import MetricProviderSpec
from canary import __version__
from canary.clock import Clock, SystemClock
from canary.controller.logs import masked
from canary.controller.metrics import Metrics
from canary.controller.settings import Settings
from canary.hooks import HookClient
from canary.hooks import HttpTransport as HookTransport
from canary.hooks import open_session as open_hook_session
from canary.hooks.gate import Call
from canary.kube import lease
from canary.kube.client import Client
from canary.kube.credentials import NotConfigured
from canary.kube.http import HttpTransport, connect
from canary.kube.lease import Elector, LeaseLost
from canary.notify.chats import check as check_receiver
from canary.notify.post import Post, Poster
from canary.notify.receiver import Receiver, Unusable, shown
from canary.server.http import Server, application
from canary.server.leading import Controlling, Shift
from canary.server.permissions import Permission, permissions
from canary.server.startup import StartRefused, check

log = logging.getLogger("canary.server")

STOP = 4.0
"""Seconds for a clean stop, giving the Lease back included."""

_LEASE_TIMEOUT = 5.0
"""Seconds for a request of the elector: three fit into its renew deadline."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a controller is made of."""

    client: Client
    settings: Settings
    clock: Clock
    metrics: Metrics
    rng: random.Random
    connector: Connector
    post: Post
    call: Call


@dataclass(frozen=True, slots=True)
class Parts:
    """What a process is put together from. Tests put others in."""

    controller: Callable[[Surroundings], Controlling]
    connect: Callable[[Settings], Awaitable[HttpTransport]]


async def real_transport(settings: Settings) -> HttpTransport:
    """A transport to the cluster that ``settings`` name; raises NotConfigured."""
    return await connect(
        kubeconfig=settings.kubeconfig,
        master=settings.master,
        qps=settings.qps,
        burst=settings.burst,
    )


def real_controller(given: Surroundings) -> Controlling:
    """The engine."""
    from canary.controller.controller import Controller

    controller: Controlling = Controller(
        given.client,
        given.settings,
        given.clock,
        metrics=given.metrics,
        rng=given.rng,
        connector=given.connector,
        post=given.post,
        call=given.call,
    )
    return controller


def notifier(settings: Settings) -> Receiver | None:
    """The receiver of alerts that Canaries share, if it can be used; what it lacks is logged."""
    found = settings.notifier
    if found is None:
        return None
    try:
        check_receiver(found)
    except Unusable as error:
        log.error("Notifier %s", error)
        return None
    log.info("Notifications enabled for %s", shown(found.address))
    return found


async def live(settings: Settings, asked_to_stop: asyncio.Event, parts: Parts) -> int:
    """Run until ``asked_to_stop``; gives the exit code: 0 when asked, 1 for anything else.

    After the request this returns within STOP seconds, whatever still hangs.
    """
    work = asyncio.create_task(_work(settings, parts), name="work")
    stop = asyncio.create_task(asked_to_stop.wait(), name="stop")
    await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if work.done():
        return _ended(work)
    log.info("asked to stop")
    work.cancel()
    await asyncio.wait({work}, timeout=STOP)
    if not work.done():
        log.error("the stop is not complete after %gs: leaving", STOP)
        return 1
    return 0 if work.cancelled() or work.exception() is None else _ended(work)


def _ended(work: asyncio.Task[None]) -> int:
    error = work.exception()
    match error:
        case StartRefused() | NotConfigured():
            log.critical("%s", error)
        case LeaseLost():
            log.critical("Leadership lost: %s", error)
        case None:
            log.critical("the controller ended by itself")
        case _:
            log.critical("stopped by an unexpected error: %s", error, exc_info=error)
    return 1


async def _work(settings: Settings, parts: Parts) -> None:
    log.info(
        "Starting canary-engine version %s mesh provider %s", __version__, settings.mesh_provider
    )
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    metrics = Metrics(registry)
    async with AsyncExitStack() as stack:
        transport = await parts.connect(settings)
        stack.push_async_callback(transport.close)
        client = Client(transport, on_call=metrics.requested)
        await check(client, settings, _needed())
        for namespace in settings.namespaces:
            log.info("Watching namespace %s", namespace)
        session, hooks = open_session(), open_hook_session()
        stack.push_async_callback(session.close)
        stack.push_async_callback(hooks.close)
        given = Surroundings(
            client,
            replace(settings, notifier=notifier(settings)),
            SystemClock(),
            metrics,
            random.Random(),
            Connector(session),
            Poster(session, os.environ),
            HookClient(HookTransport(hooks), SystemClock()).call,
        )
        elector = _elector(transport, given) if settings.leader_election else None
        shift = Shift(lambda: parts.controller(given), elector, metrics)
        metrics.started(__version__, settings.mesh_provider)
        await stack.enter_async_context(Server(application(registry, shift.unready), settings.port))
        probe = asyncio.create_task(_probe(given), name="metrics server probe")
        stack.callback(probe.cancel)
        await shift.run()


def _needed() -> tuple[Permission, ...]:
    from providers.registry import UnusableProvider, installed

    try:
        return permissions(installed())
    except UnusableProvider as error:
        raise StartRefused(str(error)) from error


def _elector(transport: HttpTransport, given: Surroundings) -> Elector:
    namespace = given.settings.leader_election_namespace
    identity = f"{socket.gethostname()}_{uuid.uuid4()}"
    log.info(
        "Starting leader election id: %s configmap: %s namespace: %s",
        identity,
        lease.NAME,
        namespace,
    )
    client = Client(
        transport.apart(qps=5, burst=10), timeout=_LEASE_TIMEOUT, on_call=given.metrics.requested
    )
    return Elector(client, given.clock, namespace, identity, rng=given.rng)


async def _probe(given: Surroundings) -> None:
    """Say whether the metrics server answers. It may come later: nothing depends on this."""
    address = given.settings.metrics_server
    provider = MetricProviderSpec(type="prometheus", address=address)
    problem = await given.connector(provider, None, "1m").online()
    if problem is None:
        log.info("Connected to metrics server %s", masked(address))
    else:
        log.error("Metrics server %s unreachable %s", masked(address), problem)
