"""Which spec of a user's VirtualService is restored when its Canary goes (D33, 4.8)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from routing_objects import FACTS, FLUX, canary, context, patched, route_of, users

from providers.interface import Routing
from providers.istio import PROVIDER
from providers.optional import released

Obj = dict[str, Any]
# api.md 11
ORIGINAL = "flagger.kubernetes.io/original-configuration"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

# Nothing of this can be told from the split: the engine's destinations are plain.
MADE = {
    "hosts": ["a.com"],
    "http": [{"route": [{"destination": {"host": "podinfo.test", "subset": "v1"}}]}],
}
OTHER = {**MADE, "hosts": ["b.com"]}
GENERATED = FACTS["istio init"]["spec"]
BACK = {**GENERATED, "http": [{"route": [{"destination": {"host": "podinfo"}}]}]}


def flaggers(obj: Obj | None = None, **annotations: str) -> Obj:
    """A VirtualService that Flagger took over, with these annotations."""
    live = users(obj or FACTS["istio step"])
    live["metadata"]["annotations"] |= {**FLUX, **annotations}
    return live


def given_back(live: Obj, obj: Obj | None = None) -> Obj:
    obj = obj or canary()
    (desired,) = released(PROVIDER, context(obj, live))
    after = patched(live, desired.patch)
    assert not released(PROVIDER, context(obj, after)), "S12"
    return after


def applied(spec: Any) -> str:
    return json.dumps({"apiVersion": "networking.istio.io/v1beta1", "spec": spec})


@pytest.mark.parametrize(
    ("annotations", "spec"),
    [
        ({ORIGINAL: json.dumps(MADE)}, MADE),
        ({LAST_APPLIED: applied(MADE)}, MADE),
        ({LAST_APPLIED: applied(MADE), ORIGINAL: json.dumps(OTHER)}, MADE),
        ({LAST_APPLIED: applied(GENERATED), ORIGINAL: json.dumps(MADE)}, MADE),
        ({LAST_APPLIED: "{", ORIGINAL: json.dumps(MADE)}, MADE),
        ({ORIGINAL: json.dumps(GENERATED)}, BACK),
        ({}, BACK),
    ],
)
def test_the_spec_last_applied_then_the_original_then_what_can_be_told(
    annotations: dict[str, str], spec: Obj
) -> None:
    after = given_back(flaggers(**annotations))
    assert after["spec"] == spec
    kept = {key: text for key, text in annotations.items() if key == LAST_APPLIED}
    assert after["metadata"]["annotations"] == {"note": "mine", **kept}


def test_what_the_engine_itself_took_over_is_restored() -> None:
    live = {**users(FACTS["istio init"]), "spec": MADE}
    taken = patched(live, route_of(PROVIDER, canary(), live, routing=Routing(70, 30)).patch)
    assert taken["spec"] != MADE
    assert given_back(taken) == live


@pytest.mark.parametrize("annotation", [ORIGINAL, LAST_APPLIED])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        '"x"',
        "{}",
        '{"spec": 5}',
        '{"spec": {}}',
        '{"http": 5}',
        '{"spec": {"http": 5}, "http": [5]}',
        '{"spec": {"http": [5]}, "http": {"a": 1}}',
    ],
)
def test_an_annotation_that_is_damaged_is_passed_over(annotation: str, text: str) -> None:
    after = given_back(flaggers(**{annotation: text}))
    assert after["spec"] == BACK
    assert ORIGINAL not in after["metadata"]["annotations"]


def test_a_stored_spec_that_mirrors_to_the_canary_is_not_original() -> None:
    # D33
    rule = {**MADE["http"][0], "mirror": {"host": "podinfo-canary.test.svc.cluster.local"}}
    stored = {**MADE, "http": [rule]}
    assert given_back(flaggers(**{ORIGINAL: json.dumps(stored)}))["spec"] == BACK


def test_a_spec_that_somebody_put_back_stays() -> None:
    live = flaggers(**{LAST_APPLIED: applied(OTHER), ORIGINAL: json.dumps(OTHER)})
    live["spec"] = MADE
    after = given_back(live)
    assert after["spec"] == MADE
    assert after["metadata"]["annotations"] == {"note": "mine", LAST_APPLIED: applied(OTHER)}


def test_all_that_a_destination_says_beside_the_primary_stays() -> None:
    host = "podinfo-primary.test.svc.cluster.local"
    primary = {"host": host, "port": {"number": 80}, "subset": "v1"}
    live = flaggers()
    live["spec"]["http"] = [{"timeout": "5s", "route": [{"destination": primary, "weight": 100}]}]
    (rule,) = given_back(live)["spec"]["http"]
    there = {"host": "podinfo.test.svc.cluster.local", "port": {"number": 80}}
    assert rule == {"timeout": "5s", "route": [{"destination": there}]}


@pytest.mark.parametrize("protocol", ["tcp", "http"])
def test_connections_are_led_back_too(protocol: str) -> None:
    """Whatever the Canary says by now."""
    live = flaggers()
    split = live["spec"].pop("http")[0]["route"]
    live["spec"]["tcp"] = [{"match": [{"port": 9898}], "route": split}]
    (rule,) = given_back(live, canary(appProtocol=protocol))["spec"]["tcp"]
    assert rule == {"match": [{"port": 9898}], "route": [{"destination": {"host": "podinfo"}}]}


def test_a_mirror_to_the_canary_goes_from_a_rule_that_leads_to_the_apex() -> None:
    live = flaggers()
    apex = [{"destination": {"host": "podinfo"}}]
    mirror = {"mirror": {"host": "podinfo-canary"}, "mirrorPercentage": {"value": 5}}
    live["spec"]["http"] = [{"route": apex, **mirror}]
    assert given_back(live)["spec"]["http"] == [{"route": apex}]
