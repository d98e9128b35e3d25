"""Alerts of one record to their receivers: who hears of them, and what becomes of each."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from canary.api.canary import AlertProviderSpec, Canary, InvalidObject, parse_alert_provider
from canary.controller.announcer import Announcer
from canary.controller.settings import Settings
from canary.kube.caches import Caches
from canary.kube.client import Client
from canary.kube.errors import ApiError, ServerError, TooManyRequests, Unreachable
from canary.kube.resources import ALERT_PROVIDERS, SECRETS, Key, Obj
from canary.notify.chats import request
from canary.notify.couriers import Couriers, persistently
from canary.notify.notification import Notification, compose, hears
from canary.notify.post import Post, SendFailed
from canary.notify.receiver import (
    DEFAULT_CHANNEL,
    DEFAULT_USERNAME,
    NotSent,
    Receiver,
    Unusable,
)
from canary.rollout.announcement import Alert

log = logging.getLogger("canary.alerts")


class ProviderProblem(NotSent):
    """An AlertProvider that can't be used; the text says what is wrong with which part."""


@dataclass(frozen=True, slots=True)
class _Letter:
    """One message to be brought, about ``obj``."""

    obj: Obj
    told: Notification
    key: str


class Alerts:
    """Finds receivers and sends to them, beside the queue."""

    def __init__(
        self, client: Client, caches: Caches, settings: Settings, post: Post, announcer: Announcer
    ) -> None:
        self._client = client
        self._caches = caches
        self._settings = settings
        self._post = post
        self._announcer = announcer

    def send(
        self, obj: Obj, canary: Canary, alert: Alert, seq: int, couriers: Couriers
    ) -> list[asyncio.Task[None]]:
        """One task for each receiver; each ends when its receiver answered, or failed for good.

        ``seq`` is the alert's number in the record of ``obj``.
        """
        told = compose(
            canary,
            alert.severity,
            alert.text,
            cluster=self._settings.cluster_name,
            meta=alert.meta,
            evidence=alert.evidence,
        )
        letter = _Letter(obj, told, f"{obj['metadata']['uid']}-{seq}")
        if canary.spec.analysis.alerts:
            return [
                couriers.send(str(provider), partial(self._to_provider, letter, provider))
                for provider in _providers(canary, alert)
            ]
        notifier = self._settings.notifier
        if notifier is None:
            return []
        return [couriers.send("", partial(self._to_notifier, letter, notifier))]

    async def _to_notifier(self, letter: _Letter, notifier: Receiver) -> None:
        try:
            await persistently(lambda: self._deliver(letter, notifier))
        except NotSent as error:
            await self._complain(letter, f"alert can't be sent: {error}", "")

    async def _to_provider(self, letter: _Letter, provider: Key) -> None:
        async def attempt() -> None:
            await self._deliver(letter, await self._receiver(provider))

        try:
            await persistently(attempt)
        except NotSent as error:
            kind = {Unusable: "error: ", SendFailed: "send error: "}.get(type(error), "")
            text = f"alert provider {provider.name}.{provider.namespace} {kind}{error}"
            await self._complain(letter, text, self._version(provider))

    async def _deliver(self, letter: _Letter, receiver: Receiver) -> None:
        if receiver.address:
            await self._post(request(letter.told, receiver), letter.key)

    async def _complain(self, letter: _Letter, text: str, version: str) -> None:
        """Each failure is a line of the log; the event comes once for each change."""
        log.error(text, extra={"canary": letter.told.subject})
        await self._announcer.warn(letter.obj, text, key=f"alert/{version}/{text}")

    def _provider(self, provider: Key) -> Obj | None:
        if not self._caches.covers(provider.namespace):
            return None
        return self._caches.store(ALERT_PROVIDERS, provider.namespace).get(provider)

    def _version(self, provider: Key) -> str:
        found = self._provider(provider)
        return str(found["metadata"]["resourceVersion"]) if found else ""

    async def _receiver(self, provider: Key) -> Receiver:
        """As the AlertProvider is now, with its Secret; raises ProviderProblem."""
        obj = self._provider(provider)
        if obj is None:
            missing = f'alertprovider.flagger.app "{provider.name}" not found'
            raise ProviderProblem(f"error: {missing}")
        try:
            spec = parse_alert_provider(obj).spec
        except InvalidObject as error:
            raise ProviderProblem(f"error: {error}") from error
        secret = await self._secret(provider.namespace, spec)
        address = secret.get("address") or spec.address
        if spec.secret_ref is not None and not address:
            raise ProviderProblem("secret does not contain an address")
        return Receiver(
            spec.type,
            address or "",
            channel=spec.channel or DEFAULT_CHANNEL,
            username=spec.username or DEFAULT_USERNAME,
            token=secret.get("token", ""),
            proxy=spec.proxy or "",
        )

    async def _secret(self, namespace: str, spec: AlertProviderSpec) -> dict[str, str]:
        """Address and token as texts; a line break at the end isn't meant."""
        if spec.secret_ref is None:
            return {}
        try:
            obj = await self._client.get(SECRETS, namespace, spec.secret_ref.name)
            data = obj.get("data") or {}
            known = {name: data[name] for name in ("address", "token") if name in data}
            return {k: base64.b64decode(v).decode().strip() for k, v in known.items()}
        except (ServerError, TooManyRequests, Unreachable) as error:
            raise ProviderProblem(f"secretRef error: {error}", again=True) from error
        except (ApiError, binascii.Error, UnicodeDecodeError) as error:
            raise ProviderProblem(f"secretRef error: {error}") from error


def _providers(canary: Canary, alert: Alert) -> Iterator[Key]:
    """The AlertProviders that are told of ``alert``."""
    for entry in canary.spec.analysis.alerts or ():
        if hears(entry.severity, alert.severity):
            namespace = entry.provider_ref.namespace or canary.metadata.namespace
            yield Key(namespace, entry.provider_ref.name)
