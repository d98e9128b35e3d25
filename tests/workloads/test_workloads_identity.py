"""Labels, owners, pins and endpoints."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workload_objects import CANARY, OWNER, deployment, template

from canary.workloads.endpoints import ready_endpoints
from canary.workloads.labels import (
    SelectorLabel,
    UnusableSelector,
    included,
    selector_label,
    without_flux,
)
from canary.workloads.ownership import controller, owned_by, owned_by_another, owner_reference
from canary.workloads.pins import label_value, pin_manifest, pin_name, read_pin

# operations.md: default of -selector-labels
CANDIDATES = ("app", "name", "app.kubernetes.io/name")


def selecting(**labels: str) -> dict[str, Any]:
    return deployment(selector={"matchLabels": labels})


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        ({"app": "a"}, ("app", "a")),
        ({"name": "b", "tier": "c"}, ("name", "b")),
        ({"app.kubernetes.io/name": "d"}, ("app.kubernetes.io/name", "d")),
        # the first of the candidates, wherever it stands
        ({"app.kubernetes.io/name": "d", "name": "b", "app": "a"}, ("app", "a")),
    ],
)
def test_the_selector_label(labels: dict[str, str], found: tuple[str, str]) -> None:
    assert selector_label(selecting(**labels), CANDIDATES) == SelectorLabel(*found)


def test_its_value_on_the_primarys_pods() -> None:
    assert SelectorLabel("app", "podinfo").primary == "podinfo-primary"


@pytest.mark.parametrize("selector", [{"matchLabels": {"tier": "x"}}, {}, {"matchLabels": None}])
def test_a_target_without_one_is_refused_by_name(selector: dict[str, Any]) -> None:
    # lifecycle.md 2.2
    message = (
        "deployment podinfo.test spec.selector.matchLabels must contain one of "
        "[app name app.kubernetes.io/name]"
    )
    with pytest.raises(UnusableSelector, match=re.escape(message)):
        selector_label(deployment(selector=selector), CANDIDATES)


FOUND = {"team/a": "1", "app": "2", "kustomize.toolkit.fluxcd.io/name": "3"}


@pytest.mark.parametrize(
    ("prefixes", "left"),
    [
        ((), set()),
        (("team",), {"team/a"}),
        (("team", "app"), {"team/a", "app"}),
        (("*",), {"team/a", "app"}),
        (("kustomize",), set()),
        (("",), set()),
    ],
)
def test_labels_pass_by_prefix_and_never_those_of_flux(
    prefixes: tuple[str, ...], left: set[str]
) -> None:
    assert set(included(FOUND, prefixes)) == left
    assert included(None, prefixes) == {}


def test_all_labels_but_those_of_flux() -> None:
    assert without_flux(FOUND) == {"team/a": "1", "app": "2"}
    assert without_flux(None) == {}


def owned(*references: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"ownerReferences": list(references)}}


def test_everything_created_belongs_to_its_canary() -> None:
    assert owner_reference(CANARY) == OWNER
    assert owned_by(owned(OWNER), CANARY)
    assert controller(owned(OWNER)) == OWNER


def test_a_canary_of_the_same_name_before_this_one_counts_too() -> None:
    # providers.md 3.2: this Canary's name
    assert owned_by(owned({**OWNER, "uid": "earlier"}), CANARY)


@pytest.mark.parametrize(
    "references",
    [
        (),
        ({**OWNER, "controller": False},),
        ({**OWNER, "kind": "Deployment"},),
        ({**OWNER, "name": "other"},),
    ],
)
def test_what_is_controlled_by_somebody_else_or_nobody(references: tuple[Any, ...]) -> None:
    assert not owned_by(owned(*references), CANARY)


def test_another_canary_is_named() -> None:
    assert owned_by_another(owned({**OWNER, "name": "other"}), CANARY) == "other"
    for mine in (owned(OWNER), owned(), owned({**OWNER, "kind": "App", "name": "other"})):
        assert owned_by_another(mine, CANARY) == ""


def stored(manifest: dict[str, Any]) -> dict[str, Any]:
    """A manifest as the API server gives it back."""
    found: dict[str, Any] = json.loads(json.dumps(manifest))
    found["metadata"]["uid"] = "pin-uid"
    return found


@pytest.mark.parametrize("rewritten", [True, False])
@pytest.mark.parametrize("settings", [None, {"minReadySeconds": 5}])
def test_a_pin_gives_back_what_was_pinned(rewritten: bool, settings: dict[str, Any] | None) -> None:
    pods = template(hostNetwork=True)
    made = pin_manifest(CANARY, pods, "e1-abc", rewritten=rewritten, settings=settings)
    pin = read_pin(stored(made))
    assert (pin.digest, pin.template, pin.rewritten, pin.spec) == (
        "e1-abc",
        pods,
        rewritten,
        settings,
    )
    assert (pin.name, pin.uid) == (pin_name("podinfo", "e1-abc"), "pin-uid")


def test_a_pin_goes_with_its_canary_and_is_no_revision_of_the_target() -> None:
    made = pin_manifest(CANARY, template(), "e1-abc", rewritten=False)
    assert (made["apiVersion"], made["kind"]) == ("apps/v1", "ControllerRevision")
    assert made["metadata"]["ownerReferences"] == [OWNER]
    assert "app" not in made["metadata"]["labels"]


def test_another_controller_revision_is_no_pin() -> None:
    with pytest.raises(KeyError):
        read_pin({"metadata": {"name": "x", "uid": "y"}, "data": {"spec": {}}})


# RFC 1123 subdomain, as object names have to be
DNS = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
objects = st.from_regex(DNS, fullmatch=True).filter(lambda name: len(name) <= 253)
long_names = st.integers(60, 253).map("a".__mul__) | st.builds(
    "{}{}a".format, st.sampled_from(["", "b"]), st.integers(1, 125).map("a.".__mul__)
)


@given(objects | long_names)
def test_names_of_pins_are_names_and_labels_are_labels(name: str) -> None:
    found = pin_name(name, "e1-0123456789ab")
    assert len(found) <= 253
    assert DNS.fullmatch(found)
    value = label_value(name)
    assert len(value) <= 63
    assert re.fullmatch(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?", value)


def test_long_names_stay_apart() -> None:
    one, two = "a" * 240 + "1", "a" * 240 + "2"
    assert pin_name(one, "e1-abc") != pin_name(two, "e1-abc")
    assert label_value(one) != label_value(two)


def endpoints(*pairs: tuple[str, dict[str, Any] | None]) -> dict[str, Any]:
    return {"endpoints": [{"addresses": [a], "conditions": c} for a, c in pairs]}


def test_endpoints_that_take_requests() -> None:
    slices = [
        endpoints(
            ("10.0.0.1", {"ready": True}),
            ("10.0.0.2", {"ready": False}),
            ("10.0.0.3", {"ready": True, "terminating": True}),
            # unknown counts as ready, by the API's own rule
            ("10.0.0.4", {}),
            ("10.0.0.5", None),
        ),
        endpoints(("10.0.0.1", {"ready": True}), ("10.0.0.6", {"ready": True})),
        {"endpoints": None},
    ]
    assert ready_endpoints(slices) == 4
    assert ready_endpoints([]) == 0
