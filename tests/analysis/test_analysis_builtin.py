"""The built-in queries, to the letter: analysis.md 4, 5, 6 and 12 rows 3, 18 and 19."""

from __future__ import annotations

import re

import pytest

from analysis.builtin import NAMES, NoBuiltinQueries, query_set
from analysis.template import render

NAMES_OF = {"namespace": "prod", "target": "podinfo", "ingress": "web", "interval": "90s"}
SETS = [
    ("istio", "istio"),
    ("istio:service", "istio"),
    ("kubernetes", "application"),
    ("kubernetes:service", "application"),
    ("gatewayapi:v1", "application"),
    ("gatewayapi:v1beta1", "application"),
    ("gatewayapi:v1:service", "application"),
    ("nginx", "nginx"),
    ("nginx:service", "nginx"),
]


def filled(text):
    """The spec's text with its placeholders replaced, without our template language."""
    for name, value in NAMES_OF.items():
        text = text.replace("{{ %s }}" % name, value)  # noqa: UP031
    return text


def sent(template):
    """A template as a source gets it."""
    return render(template, {**NAMES_OF, "variables": {}, "name": "wrong", "service": "wrong"})


def test_the_names():
    assert set(NAMES) == {"request-success-rate", "request-duration"}


@pytest.mark.parametrize(("provider", "name"), SETS)
def test_queries_to_the_letter(data, provider, name):
    spec = data("queries.yaml")[name]
    queries = query_set(provider)
    assert sent(queries.success_rate) == " " + filled(spec["success_rate"])
    assert sent(queries.all_requests) == " " + filled(spec["total"])
    assert sent(queries.latency) == " " + filled(spec["duration"])


@pytest.mark.parametrize(("provider", "name"), SETS)
def test_no_placeholder_is_left(provider, name):
    queries = query_set(provider)
    for template in (queries.success_rate, queries.all_requests, queries.latency):
        assert not re.search(r"\{\{|\}\}|wrong", sent(template))


# analysis.md 6, "Units and interpretation"; 4 on who wraps the error of a success rate.
@pytest.mark.parametrize(("provider", "name"), SETS)
def test_units_and_wording(provider, name):
    queries = query_set(provider)
    assert queries.milliseconds == (1000 if name == "application" else 1)
    assert queries.wraps_rate_errors is (name != "application")


# analysis.md 12, row 18: what fits nothing never falls back to Istio's queries without a word.
@pytest.mark.parametrize(
    "provider",
    ["", "smi:v1alpha1", "smi:v1alpha1:linkerd", "crossover", "linkerd", "istio2", "kubernetes2"],
)
def test_a_provider_without_queries_is_named(provider):
    with pytest.raises(NoBuiltinQueries) as caught:
        query_set(provider)
    text = str(caught.value)
    assert f'"{provider}"' in text
    assert all(accepted in text for accepted in ("gatewayapi", "istio", "kubernetes", "nginx"))


# analysis.md 12, row 19. A Deployment's pod is {name}-{hash}-{id}, a DaemonSet's is {name}-{id}.
@pytest.mark.parametrize(
    ("kind", "selected", "others"),
    [
        ("Deployment", "podinfo-6d4cf56db6-x2x9z", "podinfo-primary-6d4cf56db6-x2x9z"),
        ("DaemonSet", "podinfo-x2x9z", "podinfo-primary-x2x9z"),
    ],
)
def test_pods_of_the_canary_are_selected_and_those_of_the_primary_are_not(kind, selected, others):
    queries = query_set("kubernetes", kind)
    for template in (queries.success_rate, queries.all_requests, queries.latency):
        patterns = re.findall(r'kubernetes_pod_name=~"([^"]*)"', sent(template))
        assert patterns
        for pattern in patterns:
            # Prometheus anchors its patterns at both ends.
            assert re.fullmatch(pattern, selected)
            assert not re.fullmatch(pattern, others)


def test_istio_selects_workloads_whatever_their_kind():
    assert query_set("istio", "DaemonSet") == query_set("istio", "Deployment")
