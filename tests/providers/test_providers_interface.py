"""What all providers share: the split, the registry, the promises of the interface."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing_objects import FACTS, GATEWAY, canary, context, stored, users

from providers.interface import API, Provider, Routing
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


@EACH
def test_a_provider_is_found_by_its_name(name: str) -> None:
    found = provider(name)
    assert found.name == name
    assert found.api == API
    assert found is installed()[name]


@pytest.mark.parametrize("name", ["", "Istio", "nginx", "gatewayapi"])
def test_any_other_name_is_refused_with_those_that_are_there(name: str) -> None:
    # D43
    with pytest.raises(UnusableProvider, match="accepted are gatewayapi:v1, istio"):
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
