"""The metric checks of one evaluation: which query goes where, and what its outcome means.

Pass A runs built-in names and inline queries, pass B the referenced templates; the first failure
ends the evaluation, so that one evaluation counts at most once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis import builtin
from analysis.builtin import NoBuiltinQueries, QuerySet
from analysis.interface import Connection, SourceError
from analysis.models import Metric, MetricProviderSpec
from analysis.outcome import NoValues, Outcome, QueryFailed, Values
from analysis.subject import (
    Check,
    Connect,
    Subject,
    TemplateProblem,
    Templates,
    compared,
    failed,
    rendered,
)
from analysis.template import TemplateError
from analysis.threshold import Measure


@dataclass(frozen=True, slots=True)
class Checks:
    """Runs checks for any Canary; ``connect`` as ``analysis.connector.Connector``."""

    connect: Connect
    templates: Templates

    async def evaluate(self, metrics: Sequence[Metric], subject: Subject) -> tuple[Check, ...]:
        """The checks in the order in which they ran; only the last one can have failed."""
        done: list[Check] = []
        for run in (self._pass_a, self._pass_b):
            for metric in metrics:
                check = await run(metric, subject)
                if check is not None:
                    done.append(check)
                    if check.text:
                        return tuple(done)
        return tuple(done)

    async def available(self, metrics: Sequence[Metric], subject: Subject) -> str | None:
        """Why a metrics server can't be used, or None; the first problem counts."""
        for metric in metrics:
            problem = await self._unavailable(metric, subject)
            if problem is not None:
                return problem
        return None

    async def _pass_a(self, metric: Metric, subject: Subject) -> Check | None:
        if metric.name in builtin.NAMES:
            return await self._built_in(metric, subject)
        if metric.query:
            return await self._inline(metric, subject)
        return None

    async def _pass_b(self, metric: Metric, subject: Subject) -> Check | None:
        if metric.template_ref is not None:
            return await self._template(metric, subject)
        if metric.name in builtin.NAMES or metric.query:
            return None
        text = "Metric query failed for no usable metrics template and query were configured"
        return failed(metric, Measure.CUSTOM, text, error=True)

    def _server(self, metric: Metric, subject: Subject) -> Connection:
        provider = MetricProviderSpec(type="prometheus", address=subject.metrics_server)
        return self.connect(provider, None, metric.window)

    async def _built_in(self, metric: Metric, subject: Subject) -> Check:
        rate = metric.name == builtin.SUCCESS_RATE
        measure = Measure.SUCCESS_RATE if rate else Measure.DURATION
        try:
            queries = builtin.query_set(subject.provider, subject.kind)
            server = self._server(metric, subject)
            template = queries.success_rate if rate else queries.latency
            query = rendered(template, metric, subject)
        except NoBuiltinQueries as error:
            return failed(metric, measure, f"Prometheus query failed: {error}", error=True)
        except SourceError as error:
            return failed(metric, measure, _unbuildable(subject, error), error=True)
        except TemplateError as error:
            text = f"Prometheus query failed: rendering query failed: {error}"
            return failed(metric, measure, text, error=True)
        outcome = await server.query(query)
        if rate and isinstance(outcome, NoValues):
            outcome = await _all_failed(server, queries, metric, subject, outcome)
        scale = 1.0 if rate else queries.milliseconds
        return self._judged(
            metric, measure, subject, outcome, scale, wraps=not rate or queries.wraps_rate_errors
        )

    def _judged(
        self,
        metric: Metric,
        measure: Measure,
        subject: Subject,
        outcome: Outcome,
        scale: float,
        *,
        wraps: bool,
    ) -> Check:
        prefix = "running query failed: " if wraps else ""
        if isinstance(outcome, QueryFailed):
            text = f"Prometheus query failed: {prefix}{outcome.text}"
            return failed(metric, measure, text, error=True)
        if isinstance(outcome, NoValues):
            text = (
                f"Halt advancement no values found for {subject.provider} metric {metric.name} "
                f"probably {subject.target}.{subject.namespace} is not receiving traffic"
            )
            if measure is Measure.SUCCESS_RATE:
                text += f": {prefix}{outcome.text}"
            return failed(metric, measure, text)
        return compared(metric, measure, subject, [value * scale for value in outcome.values])

    async def _inline(self, metric: Metric, subject: Subject) -> Check:
        prefix = f"Prometheus query failed for {metric.name}: "
        try:
            server = self._server(metric, subject)
            query = rendered(metric.query or "", metric, subject)
        except SourceError as error:
            return failed(metric, Measure.CUSTOM, _unbuildable(subject, error), error=True)
        except TemplateError as error:
            return failed(metric, Measure.CUSTOM, f"{prefix}{error}", error=True)
        outcome = await server.query(query)
        if isinstance(outcome, QueryFailed):
            return failed(metric, Measure.CUSTOM, f"{prefix}{outcome.text}", error=True)
        if isinstance(outcome, NoValues):
            text = f"Halt advancement no values found for metric: {metric.name}"
            return failed(metric, Measure.CUSTOM, text)
        return compared(metric, Measure.CUSTOM, subject, outcome.values)

    async def _template(self, metric: Metric, subject: Subject) -> Check:
        name, namespace = _reference(metric, subject)
        prefix = f"Metric template {name}.{namespace} "
        try:
            template = await self.templates.find(namespace, name)
            provider = template.spec.provider
            server = self.connect(provider, template.secret, metric.window)
            query = rendered(template.spec.query, metric, subject)
        except TemplateProblem as error:
            return failed(metric, Measure.CUSTOM, f"{prefix}{error}", error=True)
        except SourceError as error:
            text = f"{prefix}provider {provider.type} error: {error}"
            return failed(metric, Measure.CUSTOM, text, error=True)
        except TemplateError as error:
            return failed(
                metric, Measure.CUSTOM, f"{prefix}query render error: {error}", error=True
            )
        outcome = await server.query(query)
        if isinstance(outcome, QueryFailed):
            text = f"Metric query failed for {metric.name}: {outcome.text}"
            return failed(metric, Measure.CUSTOM, text, error=True)
        if isinstance(outcome, NoValues):
            text = f"Halt advancement no values found for custom metric: {metric.name}: "
            return failed(metric, Measure.CUSTOM, text + outcome.text)
        return compared(metric, Measure.CUSTOM, subject, outcome.values)

    async def _unavailable(self, metric: Metric, subject: Subject) -> str | None:
        if metric.name in builtin.NAMES:
            try:
                server = self._server(metric, subject)
            except SourceError as error:
                address = subject.metrics_server
                return f"error building Prometheus client for {address} {error}"
            problem = await server.online()
            return f"prometheus not avaiable: {problem}" if problem is not None else None
        if metric.template_ref is None:
            return None
        name, namespace = _reference(metric, subject)
        prefix = f"metric template {name}.{namespace} "
        try:
            template = await self.templates.find(namespace, name)
            kind = template.spec.provider.type
            server = self.connect(template.spec.provider, template.secret, metric.window)
        except TemplateProblem as error:
            return f"{prefix}{error}"
        except SourceError as error:
            return f"{prefix}provider {kind} error: {error}"
        problem = await server.online()
        return f"{kind} in {prefix}not avaiable: {problem}" if problem is not None else None


async def _all_failed(
    server: Connection, queries: QuerySet, metric: Metric, subject: Subject, found: NoValues
) -> Outcome:
    """0 percent where requests came and none succeeded: no numerator then (analysis 12.3)."""
    total = await server.query(rendered(queries.all_requests, metric, subject))
    if isinstance(total, Values) and max(total.values) > 0:
        return Values((0.0,))
    return found


def _reference(metric: Metric, subject: Subject) -> tuple[str, str]:
    if metric.template_ref is None:
        raise AssertionError(f"metric {metric.name} has no templateRef")
    return metric.template_ref.name, metric.template_ref.namespace or subject.namespace


def _unbuildable(subject: Subject, error: SourceError) -> str:
    return f"Error building Prometheus client for {subject.metrics_server} {error}"
