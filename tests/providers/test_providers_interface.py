"""What all providers share: the split, the registry, the promises of the interface."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing_objects import FACTS, GATEWAY, canary, context, stored, users

from providers.demands import able, left_out, unmet
from providers.interface import API, Affinity, Capability, Provider, Routing
from providers.registry import UnusableProvider, installed, provider

EACH = pytest.mark.parametrize("name", ["istio", "gatewayapi:v1"])
CANARY = canary(gatewayRefs=[GATEWAY], match=[{"uri": {"prefix": "/"}}])
LIVE = {"istio": FACTS["istio init"], "gatewayapi:v1": FACTS["gatewayapi init"]}


@given(st.integers(-200, 300), st.integers(-200, 300))
def test_a_split_is_of_100(primary: int, share: int) -> None:
    # S1
    if primary >= 0 and share >= 0 and primary + share == 100:
        assert Routing(primary, share).canary == share
    else:
        with pytest.raises(ValueError, match="do not sum to 100"):
            Routing(primary, share)


COOKIES = Affinity("aff=new", "pc=own", "aff=old")


@pytest.mark.parametrize(
    ("routing", "visible"),
    [
        (Routing(70, 30, affinity=COOKIES), Affinity("aff=new", "pc=own")),
        (Routing(0, 100, affinity=COOKIES), Affinity("aff=new")),
        (Routing(100, 0, affinity=COOKIES), Affinity(previous="aff=new")),
        (Routing(100, 0, affinity=Affinity(previous="aff=old")), Affinity(previous="aff=old")),
        (Routing(70, 30, affinity=Affinity(primary="pc=own", previous="aff=old")), None),
        (Routing(100, 0, affinity=Affinity(primary="pc=own")), None),
        (Routing(70, 30, affinity=Affinity()), None),
        (Routing(70, 30), None),
    ],
)
def test_only_cookies_that_make_a_rule_are_visible(
    routing: Routing, visible: Affinity | None
) -> None:
    assert routing.visible == Routing(routing.primary, routing.canary, affinity=visible)
    assert routing.visible.visible == routing.visible


def test_the_mirror_stays_visible() -> None:
    assert Routing(100, 0, mirror=True).visible == Routing(100, 0, mirror=True)


DEMANDS = {
    "match": [{"headers": {"x-canary": {"exact": "insider"}}}],
    "mirror": True,
    "sessionAffinity": {"cookieName": "aff"},
}
LEFT_OUT = {
    "mirror": (Capability.MIRROR, "can't mirror requests: no copy is sent"),
    "sessionAffinity": (
        Capability.SESSION_AFFINITY,
        "has no sticky sessions: no cookie is handed out",
    ),
}


class Able:
    """A provider that can do just this."""

    name = "able"

    def __init__(self, *capabilities: Capability) -> None:
        self.capabilities = frozenset(capabilities)


def test_a_match_that_a_provider_lacks_is_refused_by_name() -> None:
    # D7
    asked = canary()
    asked["spec"]["analysis"] = {"match": DEMANDS["match"]}
    (problem,) = unmet(Able(Capability.WEIGHTS), asked)  # type: ignore[arg-type]
    assert problem.field == "spec.analysis.match"
    assert problem.message.startswith("spec.analysis.match is set, but provider able ")
    able = Able(Capability.WEIGHTS, Capability.MATCH)
    assert not list(unmet(able, asked))  # type: ignore[arg-type]
    assert not list(unmet(Able(Capability.WEIGHTS), canary()))  # type: ignore[arg-type]


def test_a_match_is_no_demand_where_nobody_is_routed() -> None:
    asked = canary()
    asked["spec"]["analysis"] = DEMANDS
    assert not list(unmet(Able(), asked))  # type: ignore[arg-type]


@pytest.mark.parametrize("field", LEFT_OUT)
def test_what_flagger_ignores_is_left_out_and_named(field: str) -> None:
    # D10
    asked = canary()
    asked["spec"]["analysis"] = {field: DEMANDS[field]}
    needs, said = LEFT_OUT[field]
    for lacking in (Able(), Able(Capability.WEIGHTS)):
        (problem,) = left_out(lacking, asked)  # type: ignore[arg-type]
        assert problem.field == f"spec.analysis.{field}"
        assert problem.message == f"spec.analysis.{field} is set, but provider able {said}"
        assert not list(unmet(lacking, asked))  # type: ignore[arg-type]
    assert not list(left_out(Able(needs), asked))  # type: ignore[arg-type]
    assert not list(left_out(Able(), canary()))  # type: ignore[arg-type]


def test_cookies_have_no_say_in_an_ab_test() -> None:
    # D12
    asked = canary()
    asked["spec"]["analysis"] = DEMANDS
    everything = Able(*Capability)
    (problem,) = left_out(everything, asked)  # type: ignore[arg-type]
    assert problem.field == "spec.analysis.sessionAffinity"
    assert "has no sticky sessions beside spec.analysis.match" in problem.message
    assert able(everything, asked) == {*Capability} - {Capability.SESSION_AFFINITY}  # type: ignore[arg-type]


@EACH
def test_a_provider_is_found_by_its_name(name: str) -> None:
    found = provider(name)
    assert found.name == name
    assert found.api == API
    assert found is installed()[name]


@pytest.mark.parametrize("name", ["", "Istio", "skipper", "gatewayapi"])
def test_any_other_name_is_refused_with_those_that_are_there(name: str) -> None:
    # D43
    with pytest.raises(
        UnusableProvider, match=r"accepted are gatewayapi:v1, istio, kubernetes, nginx$"
    ):
        provider(name)


@EACH
@given(weight=st.integers(0, 100))
def test_what_is_written_is_read_back(name: str, weight: int) -> None:
    found: Provider = provider(name)
    routing = Routing(100 - weight, weight)
    written = [dict(each.fields) for each in found.desired(context(CANARY), routing)]
    assert found.read(context(CANARY, *written)).routing == routing
    again = found.desired(context(CANARY, *written), routing)
    assert not any(each.differs for each in again), "S12: zero writes at the fixed point"


@EACH
def test_the_names_are_those_of_the_objects(name: str) -> None:
    found: Provider = provider(name)
    desired = found.desired(context(CANARY), Routing(100, 0))
    assert [(each.kind, each.name) for each in desired] == list(found.names(CANARY))
    assert {each.kind for each in desired} == set(found.kinds)


@EACH
@pytest.mark.parametrize("made", [stored, users])
def test_what_a_provider_gets_is_not_changed(name: str, made: object) -> None:
    live = made(LIVE[name])  # type: ignore[operator]
    before = copy.deepcopy((CANARY, live))
    found: Provider = provider(name)
    desired = found.desired(context(CANARY, live), Routing(60, 40))
    found.read(context(CANARY, live))
    for each in desired:
        each.fields["metadata"]["name"] = "changed"
        each.fields["spec"].clear()
    assert (CANARY, live) == before
