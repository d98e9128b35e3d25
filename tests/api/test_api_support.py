"""Parts of the API that are refused for now: each by the name of its field."""

from __future__ import annotations

import pytest

from canary.api.canary import parse_metric_template
from canary.api.support import refusals, template_refusals

NOT_YET = "is not supported by this version yet"
SCALER = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "name": "podinfo"}


def fields(canary, provider="istio"):
    found = refusals(canary, provider)
    assert all(NOT_YET in refusal.message for refusal in found)
    return [refusal.field for refusal in found]


@pytest.mark.parametrize("provider", ["istio", "gatewayapi:v1"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"spec.targetRef.kind": "DaemonSet"},
        {"spec.autoscalerRef": SCALER},
        {"spec.targetRef.kind": "Service", "spec.targetRef.apiVersion": "v1"},
        {"spec.suspend": True, "spec.skipAnalysis": True, "spec.revertOnDeletion": True},
        {"spec.analysis.metrics": [{"name": "m", "templateRef": {"name": "t"}}]},
        {"spec.analysis.iterations": 10, "spec.analysis.mirrorWeight": 50},
        {"spec.analysis.mirror": True, "spec.analysis.sessionAffinity": {"cookieName": "c"}},
        {"spec.analysis.match": [{"headers": {"x-canary": {"exact": "insider"}}}]},
        {"spec.analysis.webhooks": [{"name": "load", "url": "http://hook.test/"}]},
        {
            "spec.ingressRef": {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "name": "podinfo",
            }
        },
    ],
)
def test_what_runs(canary, changes, provider):
    assert fields(canary(changes), provider) == []


def test_a_knative_service_is_refused(canary):
    changes = {"spec.targetRef.kind": "Service"}
    changes["spec.targetRef.apiVersion"] = "serving.knative.dev/v1"
    assert fields(canary(changes)) == ["spec.targetRef.apiVersion"]


@pytest.mark.parametrize("provider", ["skipper", "gatewayapi:v1beta1", "smi:istio"])
def test_other_providers(canary, provider):
    (refusal,) = refusals(canary({}), provider)
    assert refusal.field == "spec.provider"
    assert (
        refusal.message
        == f"{provider} {NOT_YET}: accepted are gatewayapi:v1, istio, kubernetes, nginx"
    )


def test_all_that_is_refused_is_named_at_once(canary):
    changes = {"spec.targetRef.kind": "Service"}
    changes["spec.targetRef.apiVersion"] = "serving.knative.dev/v1"
    assert fields(canary(changes), "skipper") == ["spec.provider", "spec.targetRef.apiVersion"]


@pytest.mark.parametrize(("kind", "refused"), [("prometheus", []), ("datadog", ["datadog"])])
def test_templates(kind, refused):
    template = parse_metric_template(
        {
            "metadata": {"name": "t", "namespace": "test"},
            "spec": {"provider": {"type": kind}, "query": "up"},
        }
    )
    assert [
        (refusal.field, refusal.message.split()[0]) for refusal in template_refusals(template)
    ] == [("spec.provider.type", name) for name in refused]
