"""Answers to the engine's questions: metrics are measured here, beside the queue."""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Mapping

from analysis.checks import Checks
from analysis.subject import Check, Connect, Subject, Template, TemplateProblem
from canary.api.canary import Canary, InvalidObject, parse_metric_template
from canary.controller.gather import effective_provider
from canary.controller.scene import Scene
from canary.controller.settings import Settings
from canary.controller.webhooks import Webhooks
from canary.kube.caches import Caches
from canary.kube.client import Client
from canary.kube.errors import ApiError, Unreachable
from canary.kube.resources import METRIC_TEMPLATES, SECRETS, Key
from canary.rollout.questions import Availability, CheckFailure, Evaluated, Gate, Question
from canary.rollout.record import Measured

log = logging.getLogger("canary.analysis")


class CachedTemplates:
    """MetricTemplates from the cache; their Secrets are read anew for each check."""

    def __init__(self, client: Client, caches: Caches) -> None:
        self._client = client
        self._caches = caches

    async def find(self, namespace: str, name: str) -> Template:
        """The template with its Secret; raises TemplateProblem."""
        missing = f'error: metrictemplate.flagger.app "{name}" not found'
        if not self._caches.covers(namespace):
            raise TemplateProblem(missing)
        obj = self._caches.store(METRIC_TEMPLATES, namespace).get(Key(namespace, name))
        if obj is None:
            raise TemplateProblem(missing)
        try:
            spec = parse_metric_template(obj).spec
        except InvalidObject as error:
            raise TemplateProblem(f"error: {error}") from error
        if spec.provider.secret_ref is None:
            return Template(spec, None)
        secret = spec.provider.secret_ref.name
        return Template(spec, await self._secret(namespace, secret))

    async def _secret(self, namespace: str, name: str) -> Mapping[str, bytes]:
        try:
            obj = await self._client.get(SECRETS, namespace, name)
            return {k: base64.b64decode(v) for k, v in (obj.get("data") or {}).items()}
        except (ApiError, Unreachable, binascii.Error) as error:
            raise TemplateProblem(f"secret {name} error: {error}") from error


class Evaluator:
    """Finds the answer to a question about one Canary."""

    def __init__(
        self,
        client: Client,
        caches: Caches,
        settings: Settings,
        connect: Connect,
        webhooks: Webhooks,
    ) -> None:
        self._checks = Checks(connect, CachedTemplates(client, caches))
        self._webhooks = webhooks
        self._settings = settings

    async def answer(self, scene: Scene, question: Question) -> tuple[object, tuple[Check, ...]]:
        """The answer's value, and what was measured for it."""
        canary = scene.canary
        if isinstance(question, Gate):
            return await self._webhooks.replies(scene.obj, question), ()
        metrics = canary.spec.analysis.metrics or []
        subject = self._subject(canary)
        if isinstance(question, Availability):
            return await self._checks.available(metrics, subject), ()
        checks = await self._checks.evaluate(metrics, subject)
        return evaluated(checks), checks

    def _subject(self, canary: Canary) -> Subject:
        spec, meta = canary.spec, canary.metadata
        target = spec.target_ref.name
        service = spec.service.name if spec.service else None
        provider = effective_provider(canary, self._settings)
        if spec.target_ref.kind == "Service" and not spec.target_ref.is_knative:
            # As events name it; the queries are those of the provider (D41).
            provider += ":service"
        return Subject(
            canary=meta.name,
            namespace=meta.namespace,
            target=target,
            service=service or target,
            ingress=spec.ingress_ref.name if spec.ingress_ref else target,
            route=spec.route_ref.name if spec.route_ref else target,
            provider=provider,
            metrics_server=spec.metrics_server or self._settings.metrics_server,
            kind=spec.target_ref.kind,
        )


def evaluated(checks: tuple[Check, ...]) -> Evaluated:
    """What checks mean to the engine: the first failure, and everything for people to read."""
    measured = tuple(Measured(c.metric, not c.text, c.value, c.limit) for c in checks)
    failed = next((c for c in checks if c.text), None)
    if failed is None:
        return Evaluated(None, measured)
    failure = CheckFailure(failed.text, failed.metric, failed.value, failed.limit, failed.error)
    return Evaluated(failure, measured)
