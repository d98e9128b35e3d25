"""Manifests that Flagger 1.44 ran are accepted by our schemas and models; broken ones are not."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from canary.api.canary import parse, parse_metric_template

APPLIED = list(yaml.safe_load_all((Path(__file__).parent / "data" / "applied.yaml").read_text()))


@pytest.fixture
def accepts(schemas):
    """Whether the schema of the object's kind accepts it."""
    return lambda obj: jsonschema.Draft202012Validator(schemas[obj["kind"]]).is_valid(obj)


@pytest.mark.parametrize(
    "obj", APPLIED, ids=lambda obj: f"{obj['kind']}-{obj['metadata']['namespace']}"
)
def test_manifests_that_ran(accepts, obj):
    assert accepts(obj)
    parser = parse if obj["kind"] == "Canary" else parse_metric_template
    found = parser(obj)
    assert found.model_dump(by_alias=True, exclude_unset=True) == obj


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"spec": ...},
        {"spec.service": ...},
        {"spec.analysis": {"interval": "1m", "threshold": 1, "iterations": 0}},
        {"spec.analysis": {"interval": "1m", "threshold": -1, "stepWeights": [300, -5]}},
        {"spec.analysis.stepWeight": 10.5},
        {"spec.analysis.interval": "5minutes"},
        {"spec.service.port": 0},
        {"spec.service.targetPort": "http"},
        {"spec.service.targetPort": 8080},
        {"spec.canaryAnalysis": {"stepWeight": 5}},
        {"spec.analysis.alerts": [{"name": "a", "severity": "", "providerRef": {"name": "p"}}]},
        {"spec.analysis.webhooks": [{"name": "a", "type": "", "url": "no url"}]},
        {"status": {"phase": "Terminated", "engine": {"any": {"thing": [1]}}}},
    ],
)
def test_accepted(accepts, manifest, changes):
    assert accepts(manifest(changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"spec.targetRef": ...},
        {"spec.targetRef.kind": "StatefulSet"},
        {"spec.analysis.threshold": ...},
        {"spec.analysis.interval": ...},
        {"spec.analysis.stepWeight": ...},
        {"spec.analysis.iterations": 5},
        {"spec.analysis.stepWeights": [5]},
        {"spec.analysis.interval": "1h"},
        {"spec.analysis.interval": "1.5m"},
        {"spec.analysis.threshold": "5"},
        {"spec.provider": "openresty"},
        {"spec.service.port": ...},
        {"spec.analysis.webhooks": [{"name": "a"}]},
        {"spec.analysis.webhooks": [{"name": "a", "url": "http://b/", "type": "post"}]},
        {"spec.analysis.match": [{"headers": {"h": {"exact": "a", "regex": "b"}}}]},
        {"spec.analysis.match": [{"headers": {"h": {}}}]},
        {"spec.service.match": [{"uri": {"exact": "/", "prefix": "/"}}]},
        {"spec.service.gatewayRefs": [{"name": "gw", "port": 0}]},
        {"status": {"phase": "Paused"}},
        {"spec.engine": {"settle": 2}},
    ],
)
def test_refused(accepts, manifest, changes):
    assert not accepts(manifest(changes))


@pytest.mark.parametrize(
    ("spec", "valid"),
    [
        ({"type": "slack", "address": "http://hook.test/"}, True),
        ({"type": "slack", "secretRef": {"name": "s"}}, True),
        # notifications 7.7: a Secret may hold the token alone
        ({"type": "slack", "address": "http://hook.test/", "secretRef": {"name": "s"}}, True),
        ({"type": "slack"}, False),
        ({"address": "http://hook.test/"}, False),
        ({"type": "email", "address": "http://hook.test/"}, False),
    ],
)
def test_alert_providers_have_an_address(accepts, spec, valid):
    assert accepts({"kind": "AlertProvider", "spec": spec}) is valid
