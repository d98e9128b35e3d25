"""Specs that can't be run, in Flagger's words."""

from __future__ import annotations

import pytest

from canary.api.semantics import violations

KNATIVE = {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "podinfo"}
DEPLOYMENT = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "podinfo"}
SCALER = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "name": "podinfo"}


@pytest.mark.parametrize(
    ("changes", "texts"),
    [
        ({}, ()),
        (
            {"spec.targetRef": KNATIVE},
            ("can't use istio provider with Knative Service as target",),
        ),
        (
            {"spec.targetRef": DEPLOYMENT, "spec.provider": "knative"},
            ("can't use apps/v1/Deployment as target if provider is set to knative",),
        ),
        (
            {"spec.targetRef": KNATIVE, "spec.provider": "knative", "spec.autoscalerRef": SCALER},
            ("can't use autoscaler with Knative Service",),
        ),
        ({"spec.targetRef": KNATIVE, "spec.provider": "knative", "spec.service": ...}, ()),
        (
            {"spec.analysis.sessionAffinity": {"cookieName": "a", "primaryCookieName": "a"}},
            (
                "can't use the same cookie name for both primary and cookie name; "
                "please update them to be different",
            ),
        ),
        ({"spec.analysis.sessionAffinity": {"cookieName": "a"}}, ()),
        (
            {"spec.service": ...},
            ("spec.service is missing: the generated Services need its port",),
        ),
        (
            {"spec.service": {"port": 70000}},
            ("spec.service.port: 70000 must be from 1 to 65535",),
        ),
        (
            {"spec.service": {"port": 80, "targetPort": -1}},
            ("spec.service.targetPort: -1 must be from 1 to 65535, or a name",),
        ),
        ({"spec.service": {"port": 80, "targetPort": 0}}, ()),
        ({"spec.service": {"port": 80, "targetPort": "http"}}, ()),
    ],
)
def test_violations(canary, changes, texts):
    assert violations(canary(changes), no_cross_namespace_refs=False) == texts


BLOCKED = "cross-namespace references are blocked"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {
                "spec.upstreamRef": {
                    "apiVersion": "gloo.solo.io/v1",
                    "kind": "Upstream",
                    "name": "up",
                    "namespace": "other",
                }
            },
            f"can't access gloo upstream up.other, {BLOCKED}",
        ),
        (
            {
                "spec.analysis.metrics": [
                    {"name": "m", "templateRef": {"name": "t", "namespace": "other"}}
                ]
            },
            f"can't access metric template t.other, {BLOCKED}",
        ),
        (
            {
                "spec.analysis.alerts": [
                    {"name": "a", "providerRef": {"name": "p", "namespace": "other"}}
                ]
            },
            f"can't access alert provider p.other, {BLOCKED}",
        ),
    ],
)
def test_references_to_other_namespaces(canary, changes, text):
    found = canary(changes)
    assert violations(found, no_cross_namespace_refs=True) == (text,)
    assert violations(found, no_cross_namespace_refs=False) == ()


@pytest.mark.parametrize("namespace", ["test", "", None])
def test_references_to_the_own_namespace(canary, namespace):
    ref = {"name": "t", "namespace": namespace}
    found = canary({"spec.analysis.metrics": [{"name": "m", "templateRef": ref}]})
    assert violations(found, no_cross_namespace_refs=True) == ()
