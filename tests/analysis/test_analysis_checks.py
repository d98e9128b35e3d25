"""Pass A and pass B: which text each outcome has (analysis.md 2 to 5 and 12)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from analysis.checks import Checks
from analysis.interface import SourceError
from analysis.models import Metric, MetricTemplateSpec
from analysis.outcome import FailureKind, NoValues, Outcome, QueryFailed, Values
from analysis.subject import Check, Subject, Template, TemplateProblem

SUBJECT = Subject(
    canary="podinfo",
    namespace="test",
    target="podinfo",
    service="podinfo",
    ingress="podinfo",
    route="podinfo",
    provider="istio",
    metrics_server="http://prometheus:9090",
)


class Server:
    """Answers by what a query holds; remembers the queries."""

    identity = "server"

    def __init__(self, answer: Callable[[str], Outcome], offline: str | None = None) -> None:
        self.answer, self.offline = answer, offline
        self.queries: list[str] = []

    def __call__(self, provider, secret, window):
        if provider.address == "broken":
            raise SourceError("prometheus address broken is not a valid URL")
        return self

    async def query(self, text: str) -> Outcome:
        self.queries.append(text)
        return self.answer(text)

    async def online(self) -> str | None:
        return self.offline


class Known:
    """Templates by name."""

    def __init__(self, **queries: str) -> None:
        self.queries = queries

    async def find(self, namespace: str, name: str) -> Template:
        if name not in self.queries:
            raise TemplateProblem(f'error: metrictemplate.flagger.app "{name}" not found')
        provider = {"type": "prometheus", "address": "http://p:9090"}
        spec = MetricTemplateSpec.model_validate(
            {"provider": provider, "query": self.queries[name]}
        )
        return Template(spec, None)


def run(metrics: list[dict], server: Server, templates: Known | None = None) -> tuple[Check, ...]:
    checks = Checks(server, templates or Known())
    found = [Metric.model_validate(metric) for metric in metrics]
    return asyncio.run(checks.evaluate(found, SUBJECT))


def text_of(metric: dict, outcome: Outcome, templates: Known | None = None) -> str:
    return run([metric], Server(lambda query: outcome), templates)[-1].text


RATE = {"name": "request-success-rate", "thresholdRange": {"min": 99}}
DURATION = {"name": "request-duration", "thresholdRange": {"max": 500}}
INLINE = {"name": "errors", "query": "sum(up)", "thresholdRange": {"max": 1}}
CUSTOM = {"name": "errors", "templateRef": {"name": "t"}, "thresholdRange": {"max": 1}}
TEMPLATES = Known(t="up")
FAILED = QueryFailed("request failed: refused", FailureKind.UNREACHABLE)


@pytest.mark.parametrize(
    ("metric", "outcome", "text"),
    [
        (RATE, Values((98.5,)), "Halt podinfo.test advancement success rate 98.50% < 99%"),
        (
            DURATION,
            Values((1515.0,)),
            "Halt podinfo.test advancement request duration 1.515s > 500ms",
        ),
        (INLINE, Values((2.0,)), "Halt podinfo.test advancement errors 2.00 > 1"),
        (CUSTOM, Values((2.0,)), "Halt podinfo.test advancement errors 2.00 > 1"),
        (
            RATE,
            NoValues(),
            "Halt advancement no values found for istio metric request-success-rate probably "
            "podinfo.test is not receiving traffic: running query failed: no values found",
        ),
        (
            DURATION,
            NoValues(),
            "Halt advancement no values found for istio metric request-duration probably "
            "podinfo.test is not receiving traffic",
        ),
        (INLINE, NoValues(), "Halt advancement no values found for metric: errors"),
        (
            CUSTOM,
            NoValues(),
            "Halt advancement no values found for custom metric: errors: no values found",
        ),
        (
            RATE,
            FAILED,
            "Prometheus query failed: running query failed: request failed: refused",
        ),
        (INLINE, FAILED, "Prometheus query failed for errors: request failed: refused"),
        (CUSTOM, FAILED, "Metric query failed for errors: request failed: refused"),
    ],
)
def test_texts(metric: dict, outcome: Outcome, text: str) -> None:
    assert text_of(metric, outcome, TEMPLATES) == text


def test_a_value_within_bounds_passes() -> None:
    found = run([RATE, DURATION], Server(lambda q: Values((100.0,))))
    assert [check.text for check in found] == ["", ""]
    assert [check.number for check in found] == [100.0, 0.1]


def test_a_missing_template_and_one_that_does_not_render() -> None:
    missing = {**CUSTOM, "templateRef": {"name": "nope", "namespace": "other"}}
    expected = 'Metric template nope.other error: metrictemplate.flagger.app "nope" not found'
    assert text_of(missing, Values((1.0,)), TEMPLATES) == expected
    broken = Known(t="up{{ nonsense }}")
    assert text_of(CUSTOM, Values((1.0,)), broken).startswith(
        "Metric template t.test query render error: template parsing failed: "
    )


def test_neither_query_nor_template() -> None:
    text = "Metric query failed for no usable metrics template and query were configured"
    assert text_of({"name": "errors"}, Values((1.0,))) == text


def test_pass_a_comes_before_pass_b_and_the_first_failure_ends_it() -> None:
    server = Server(lambda query: Values((0.0,)) if "istio" in query else Values((9.0,)))
    found = run([CUSTOM, RATE], server, TEMPLATES)
    assert [check.metric for check in found] == ["request-success-rate"]
    assert len(server.queries) == 1


def test_all_requests_failed_is_zero_percent_and_none_came_is_no_value() -> None:
    """12.3: the numerator of the rate is empty in both cases, the denominator tells them apart."""

    def all_failed(query: str) -> Outcome:
        return NoValues() if "/" in query else Values((7.0,))

    found = run([RATE], Server(all_failed))
    assert found[0].text == "Halt podinfo.test advancement success rate 0.00% < 99%"
    none = run([RATE], Server(lambda q: NoValues() if "/" in q else Values((0.0,))))
    assert "no values found" in none[0].text


def test_a_template_without_interval_gets_a_minute() -> None:
    """12.1: every kind of metric has the same default window."""
    server = Server(lambda query: Values((0.0,)))
    run([CUSTOM], server, Known(t="rate(x[{{ interval }}])"))
    assert server.queries == ["rate(x[1m])"]


def test_an_inline_query_that_does_not_render_is_not_sent() -> None:
    """12.17."""
    server = Server(lambda query: Values((0.0,)))
    found = run([{**INLINE, "query": "{{ nonsense }}"}], server)
    assert found[0].text.startswith("Prometheus query failed for errors: template parsing failed")
    assert server.queries == []


@pytest.mark.parametrize(
    ("metrics", "offline", "expected"),
    [
        ([RATE], None, None),
        ([RATE], "running query failed: x", "prometheus not avaiable: running query failed: x"),
        ([INLINE], "down", None),
        ([CUSTOM], "down", "prometheus in metric template t.test not avaiable: down"),
        (
            [{**CUSTOM, "templateRef": {"name": "nope"}}],
            None,
            'metric template nope.test error: metrictemplate.flagger.app "nope" not found',
        ),
        ([], "down", None),
    ],
)
def test_availability(metrics: list[dict], offline: str | None, expected: str | None) -> None:
    """Section 10."""
    checks = Checks(Server(lambda q: NoValues(), offline), TEMPLATES)
    found = [Metric.model_validate(metric) for metric in metrics]
    assert asyncio.run(checks.available(found, SUBJECT)) == expected
