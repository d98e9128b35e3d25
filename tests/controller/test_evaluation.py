"""What is asked of metric servers on behalf of a Canary, and what the answers mean to it."""

from __future__ import annotations

from typing import Any

import pytest
from gathered import Look, looks

from analysis.outcome import NoValues, Outcome
from analysis.subject import Check, TemplateProblem
from canary import virtualtime
from canary.api.canary import parse
from canary.api.hooks import HookType
from canary.controller.evaluation import CachedTemplates, Evaluator, evaluated
from canary.controller.scene import Scene, names
from canary.controller.settings import Settings
from canary.controller.webhooks import Webhooks
from canary.kube.resources import METRIC_TEMPLATES, SECRETS
from canary.rollout.observed import Absent
from canary.rollout.questions import (
    Availability,
    Evaluated,
    Evaluation,
    Gate,
    Question,
    Replies,
    Reply,
)
from canary.rollout.record import Measured
from tests.rig.manifests import setting
from tests.rig.prometheus import Prometheus
from tests.rig.receiver import Receivers

QUERY = "{{ name }} {{ namespace }} {{ target }} {{ service }} {{ ingress }} {{ route }}"
INLINE = {"name": "mine", "interval": "1m", "thresholdRange": {"max": 1}, "query": QUERY}
DOOR = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": "door"}
WAY = {"apiVersion": "apisix.apache.org/v2", "kind": "ApisixRoute", "name": "way"}
ASKED = Evaluation("e1-1", 0, 1)


def answer(spec: dict[str, Any], question: Question, source: Prometheus, **settings: Any) -> Any:
    """The value of the answer about a Canary with ``spec``."""
    canary = setting(spec)[-1]
    canary["metadata"]["uid"] = "u"
    model = parse(canary)
    scene = Scene(canary, model, names(model), None, Absent(), Absent())
    client: Any = None
    caches: Any = None
    hooks = Webhooks(Receivers())
    evaluator = Evaluator(client, caches, Settings(**settings), source, hooks)
    return virtualtime.run(evaluator.answer(scene, question))[0]


@pytest.mark.parametrize(
    ("spec", "query"),
    [
        ({}, "podinfo test podinfo podinfo podinfo podinfo"),
        ({"service": {"name": "api"}}, "podinfo test podinfo api podinfo podinfo"),
        ({"service": None}, "podinfo test podinfo podinfo podinfo podinfo"),
        (
            {"ingressRef": DOOR, "routeRef": WAY},
            "podinfo test podinfo podinfo door way",
        ),
    ],
)
def test_queries_name_what_they_are_about(spec: dict[str, Any], query: str) -> None:
    source = Prometheus(0.5)
    found = answer({**spec, "analysis": {"metrics": [INLINE]}}, ASKED, source)
    assert found.failure is None
    assert source.queries == [query]


@pytest.mark.parametrize(("server", "asked"), [("http://own", "http://own"), (None, "http://all")])
def test_a_canary_may_have_a_metrics_server_of_its_own(server: str | None, asked: str) -> None:
    class Asked(Prometheus):
        def __call__(self, provider: Any, secret: Any, window: str) -> Any:
            assert provider.address == asked
            return super().__call__(provider, secret, window)

    spec = {"metricsServer": server, "analysis": {"metrics": [INLINE]}}
    found = answer(spec, ASKED, Asked(0.5), metrics_server="http://all")
    assert found.failure is None and len(found.measured) == 1


@pytest.mark.parametrize(
    ("ref", "named"),
    [
        ({"kind": "Deployment"}, "istio"),
        ({"apiVersion": "v1", "kind": "Service"}, "istio:service"),
        ({"apiVersion": "serving.knative.dev/v1", "kind": "Service"}, "istio"),
    ],
)
def test_without_values_the_provider_is_named_as_it_was_asked_for(
    ref: dict[str, str], named: str
) -> None:
    """As Flagger names it for a core Service (D41)."""

    def silence(query: str) -> Outcome:
        return NoValues("no values found")

    source = Prometheus()
    source.answers = silence
    failure = answer({"targetRef": ref}, ASKED, source).failure
    assert f"no values found for {named} metric request-success-rate" in failure.text


def test_each_question_gets_its_answer() -> None:
    source = Prometheus(100.0)
    hooks = [{"name": "load", "type": "rollout", "url": "http://hook"}]
    spec = {"analysis": {"webhooks": hooks}}
    found = answer(spec, Gate("e1-1", HookType.ROLLOUT, 1), source)
    assert found == Replies(yes=(Reply("load"),))
    assert answer(spec, Availability(1), source) is None
    assert source.queries == []
    measured = answer(spec, ASKED, source).measured
    assert [(m.metric, m.passed, m.value) for m in measured] == [
        ("request-success-rate", True, "100.00%")
    ]
    source.offline = "connection refused"
    assert answer(spec, Availability(1), source) == "prometheus not avaiable: connection refused"
    assert answer({"analysis": {"metrics": None}}, ASKED, source) == Evaluated(None)


def test_the_first_failure_counts_and_everything_is_told() -> None:
    checks = (
        Check("one", "1", "max 2"),
        Check("two", "no value", "max 2", "the server is away", error=True),
    )
    found = evaluated(checks)
    assert found.measured == (
        Measured("one", True, "1", "max 2"),
        Measured("two", False, "no value", "max 2"),
    )
    assert found.failure is not None
    assert (found.failure.metric, found.failure.text) == ("two", "the server is away")
    assert evaluated(checks[:1]).failure is None


def template(**provider: Any) -> dict[str, Any]:
    return {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "MetricTemplate",
        "metadata": {"name": "mine", "namespace": "test"},
        "spec": {
            "provider": {"type": "prometheus", "address": "http://p", **provider},
            "query": "up",
        },
    }


@looks(namespaces=("test",))
async def test_templates_come_with_the_data_of_their_secrets(look: Look) -> None:
    await look.stage.up()
    templates = CachedTemplates(look.client, look.caches)
    await look.client.create(METRIC_TEMPLATES, template())
    await found_by(look)
    assert (await templates.find("test", "mine")).secret is None
    ref = {"spec": {"provider": {"secretRef": {"name": "key"}}}}
    await look.client.merge_patch(METRIC_TEMPLATES, "test", "mine", ref)
    await found_by(look)
    with pytest.raises(TemplateProblem, match='secret key error: secrets "key" not found'):
        await templates.find("test", "mine")
    meta = {"name": "key", "namespace": "test"}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": meta}
    await look.client.create(SECRETS, secret)
    assert (await templates.find("test", "mine")).secret == {}
    await look.client.merge_patch(SECRETS, "test", "key", {"stringData": {"token": "abc"}})
    assert (await templates.find("test", "mine")).secret == {"token": b"abc"}
    for namespace, name in (("test", "other"), ("elsewhere", "mine")):
        with pytest.raises(TemplateProblem, match=f'metrictemplate.flagger.app "{name}" not found'):
            await templates.find(namespace, name)
    assert {place[1] for place in look.caches.states()} == {"test"}, "no other may be read"


async def found_by(look: Look) -> None:
    look.caches.store(METRIC_TEMPLATES, "test")
    await look.stage.rest(1)
