"""ingress-nginx: the canary Ingress and its annotations (providers.md 7, 24.5)."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing_objects import FLUX, INIT, OWNER, canary, others, patched, stored

from providers.interface import Context, Desired, Liveness, Routing
from providers.nginx import INGRESS, PROVIDER

Obj = dict[str, Any]
RECORDED: Obj = json.loads((Path(__file__).parent / "data" / "recorded.json").read_text())
X = "nginx.ingress.kubernetes.io"
HEADER = {"headers": {"x-canary": {"exact": "insider"}}}
PATTERN = {"headers": {"x-canary": {"regex": "ins.*"}}}
COOKIE = {"headers": {"Cookie": {"exact": "canary"}}}


def path(name: str, where: str = "/") -> Obj:
    service = {"name": name, "port": {"number": 9898}}
    return {"path": where, "pathType": "Prefix", "backend": {"service": service}}


def source(**meta: Any) -> Obj:
    """The user's Ingress of providers.md 7.1."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "web", "namespace": "test", **meta},
        "spec": {
            "ingressClassName": "nginx",
            "tls": [{"hosts": ["app.example.com"]}],
            "defaultBackend": path("podinfo")["backend"],
            "rules": [
                {"host": "other.example.com"},
                {
                    "host": "app.example.com",
                    "http": {"paths": [path("podinfo"), path("other", "/other")]},
                },
                {"http": {"paths": [path("other", "/elsewhere")]}},
            ],
        },
    }


def asking(*match: Obj, **analysis: Any) -> Obj:
    obj = canary()
    obj["spec"]["ingressRef"] = {"apiVersion": X, "kind": "Ingress", "name": "web"}
    obj["spec"]["analysis"] = {
        "iterations": 3,
        **analysis,
        **({"match": list(match)} if match else {}),
    }
    return obj


def seen(obj: Obj, *live: Obj, prefix: str = X) -> Context:
    found = {(INGRESS, each["metadata"]["name"]): each for each in live}
    return Context(obj, found, owner=OWNER, ingress_annotations=prefix)


def wanted(obj: Obj, *live: Obj, routing: Routing = INIT, prefix: str = X) -> Desired:
    (found,) = PROVIDER.desired(seen(obj, *live, prefix=prefix), routing)
    assert found.weights
    return found


def of_canary(annotations: Mapping[str, str], prefix: str = X) -> Obj:
    """The annotations that ingress-nginx reads, without the prefix."""
    return {
        key.removeprefix(f"{prefix}/"): value
        for key, value in annotations.items()
        if key.startswith(f"{prefix}/canary")
    }


def test_the_generated_ingress() -> None:
    # providers.md 7.1, without other paths and TLS (D30)
    found = wanted(asking(), source(annotations={f"{X}/proxy-body-size": "8m"}))
    assert found.fields == {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "name": "web-canary",
            "namespace": "test",
            "annotations": {
                **FLUX,
                f"{X}/proxy-body-size": "8m",
                f"{X}/canary": "true",
                f"{X}/canary-weight": "0",
            },
            "ownerReferences": [OWNER],
        },
        "spec": {
            "ingressClassName": "nginx",
            "rules": [
                {"host": "app.example.com", "http": {"paths": [path("podinfo-canary")]}},
            ],
        },
    }
    assert found.differs and found.patch is None


@pytest.mark.parametrize("prefix", [X, "nginx.example.com"])
@given(weight=st.integers(0, 100))
def test_every_weight_is_written_and_read_back(prefix: str, weight: int) -> None:
    # providers.md 7.2
    routing = Routing(100 - weight, weight)
    found = wanted(asking(), source(), routing=routing, prefix=prefix)
    annotations = found.fields["metadata"]["annotations"]
    assert of_canary(annotations, prefix) == {"canary": "true", "canary-weight": str(weight)}
    live = stored(dict(found.fields))
    reading = PROVIDER.read(seen(asking(), source(), live, prefix=prefix))
    assert (reading.routing, reading.liveness) == (routing, Liveness.UNCONFIRMED)
    again = wanted(asking(), source(), live, routing=routing, prefix=prefix)
    assert not again.differs, "S12"


def test_taking_over_from_flagger_writes_nothing() -> None:
    objects = RECORDED["nginx-happy"]
    live = [obj for key, obj in objects.items() if "Ingress" in key]
    found = {(INGRESS, each["metadata"]["name"]): each for each in live}
    owner = objects["Ingress/app-canary"]["metadata"]["ownerReferences"][0]
    obj = objects["Canary/app"]
    (desired,) = PROVIDER.desired(Context(obj, found, owner=owner), INIT)
    assert not desired.differs
    assert desired.fields["spec"] == objects["Ingress/app-canary"]["spec"]
    recorded = objects["Ingress/app-canary"]["metadata"]
    assert desired.fields["metadata"] == recorded
    assert PROVIDER.read(Context(obj, found)).routing == INIT


@pytest.mark.parametrize(
    ("match", "annotations"),
    [
        ([HEADER], {"canary-by-header": "x-canary", "canary-by-header-value": "insider"}),
        ([PATTERN], {"canary-by-header": "x-canary", "canary-by-header-pattern": "ins.*"}),
        ([COOKIE], {"canary-by-cookie": "canary"}),
        (
            [COOKIE, PATTERN],
            {
                "canary-by-cookie": "canary",
                "canary-by-header": "x-canary",
                "canary-by-header-pattern": "ins.*",
            },
        ),
    ],
    ids=str,
)
def test_an_ab_test(match: list[Obj], annotations: Obj) -> None:
    # providers.md 7.2
    obj = asking(*match)
    assert not PROVIDER.problems(obj)
    found = wanted(obj, source(), routing=Routing(0, 100))
    bare = {"canary": "true", "canary-weight": "0"}
    assert of_canary(found.fields["metadata"]["annotations"]) == {**bare, **annotations}
    live = stored(dict(found.fields))
    assert PROVIDER.read(seen(obj, source(), live)).routing == Routing(0, 100)
    assert not wanted(obj, source(), live, routing=Routing(0, 100)).differs
    for share in (0, 40):
        # D17: below 100 nobody who matches goes to the canary
        routing = Routing(100 - share, share)
        fresh = wanted(obj, source(), routing=routing).fields["metadata"]["annotations"]
        assert of_canary(fresh) == bare
        after = patched(live, wanted(obj, source(), live, routing=routing).patch)
        assert of_canary(after["metadata"]["annotations"]) == bare
        assert PROVIDER.read(seen(obj, source(), after)).routing == INIT
        assert not wanted(obj, source(), after, routing=routing).differs


def test_other_conditions_go_when_the_condition_changes() -> None:
    # D18: a value that stays hides the pattern
    live = stored(dict(wanted(asking(HEADER), source(), routing=Routing(0, 100)).fields))
    found = wanted(asking(PATTERN), source(), live, routing=Routing(0, 100))
    assert found.patch is not None and found.differs
    after = patched(live, found.patch)
    assert "canary-by-header-value" not in of_canary(after["metadata"]["annotations"])
    assert after["metadata"]["annotations"]["note"] == "of another"
    assert not wanted(asking(PATTERN), source(), after, routing=Routing(0, 100)).differs


@pytest.mark.parametrize(
    ("match", "field"),
    [
        ([{"queryParams": {"v": {"exact": "2"}}}], "spec.analysis.match[0]"),
        ([{"headers": {}}], "spec.analysis.match[0]"),
        ([{**HEADER, "sourceLabels": {"a": "b"}}], "spec.analysis.match[0]"),
        ([{"headers": {**HEADER["headers"], **COOKIE["headers"]}}], "spec.analysis.match[0]"),
        ([{"headers": {"x": {"prefix": "a"}}}], "spec.analysis.match[0].headers.x"),
        ([{"headers": {"cookie": {"regex": "a"}}}], "spec.analysis.match[0].headers.cookie"),
        ([HEADER, PATTERN], "spec.analysis.match[1]"),
        ([COOKIE, COOKIE], "spec.analysis.match[1]"),
    ],
    ids=str,
)
def test_what_can_not_be_told_is_refused_and_sends_nobody(match: list[Obj], field: str) -> None:
    # D8, D18
    obj = asking(*match)
    (problem,) = PROVIDER.problems(obj)
    assert problem.field == field
    assert field in problem.message and "nginx" in problem.message
    found = wanted(obj, source(), routing=Routing(0, 100)).fields["metadata"]["annotations"]
    assert of_canary(found) == {"canary": "true", "canary-weight": "0"}


@pytest.mark.parametrize(
    "steps", [{"stepWeight": 10}, {"stepWeights": [10]}, {"stepWeightPromotion": 10}], ids=str
)
def test_a_match_beside_steps_is_refused(steps: Obj) -> None:
    # D17, D18
    (problem,) = PROVIDER.problems(asking(HEADER, **steps))
    assert problem.field == f"spec.analysis.{next(iter(steps))}"
    assert not PROVIDER.problems(asking(**steps))


def test_the_reference_is_needed() -> None:
    # providers.md 21, D42
    obj = canary()
    (problem,) = PROVIDER.problems(obj)
    assert problem.field == "spec.ingressRef"
    assert problem.message.startswith("ingress selector is empty")
    assert PROVIDER.names(obj) == ()
    assert PROVIDER.desired(seen(obj), INIT) == ()
    assert PROVIDER.read(seen(obj)).error == "ingress selector is empty"
    assert [name for _, name in PROVIDER.names(asking())] == ["web", "web-canary"]


def test_what_tools_know_their_objects_by_is_not_copied() -> None:
    # D29
    annotations = {
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
        "argocd.argoproj.io/tracking-id": "a",
        "kustomize.toolkit.fluxcd.io/prune": "disabled",
        "meta.helm.sh/release-name": "a",
        f"{X}/canary-weight-total": "1000",
        "kubernetes.io/ingress.class": "nginx",
    }
    labels = {
        "app.kubernetes.io/instance": "argo",
        "argocd.argoproj.io/instance": "a",
        "app": "web",
    }
    meta = wanted(asking(), source(annotations=annotations, labels=labels)).fields["metadata"]
    assert meta["labels"] == {"app": "web"}
    assert meta["annotations"] == {
        **FLUX,
        "kubernetes.io/ingress.class": "nginx",
        f"{X}/canary": "true",
        f"{X}/canary-weight": "0",
    }


def test_the_users_ingress_is_followed() -> None:
    # D30
    live = stored(dict(wanted(asking(), source(), routing=Routing(60, 40)).fields))
    changed = source(annotations={"a": "b"})
    changed["spec"]["rules"][1]["http"]["paths"][0]["path"] = "/new"
    found = wanted(asking(), changed, live, routing=Routing(60, 40))
    assert found.differs and found.patch is None
    assert found.fields["spec"]["rules"][0]["http"]["paths"] == [path("podinfo-canary", "/new")]
    assert found.fields["metadata"]["annotations"]["a"] == "b"
    assert of_canary(found.fields["metadata"]["annotations"])["canary-weight"] == "40", "D1"


DRIFTS: dict[str, Any] = {
    "weight": lambda o: o["metadata"]["annotations"].update({f"{X}/canary-weight": "11"}),
    "canary": lambda o: o["metadata"]["annotations"].update({f"{X}/canary": "false"}),
    "no weight": lambda o: o["metadata"]["annotations"].pop(f"{X}/canary-weight"),
    "total": lambda o: o["metadata"]["annotations"].update({f"{X}/canary-weight-total": "1000"}),
    "header": lambda o: o["metadata"]["annotations"].update({f"{X}/canary-by-header": "x"}),
    "class": lambda o: o["spec"].update(ingressClassName="other"),
    "rules": lambda o: o["spec"]["rules"].pop(),
    "marker": lambda o: o["metadata"]["annotations"].update(dict.fromkeys(FLUX, "enabled")),
    "owner": lambda o: o["metadata"]["ownerReferences"][0].update(uid="earlier"),
}


@pytest.mark.parametrize("field", DRIFTS)
def test_drift_is_repaired_at_the_weight_in_force(field: str) -> None:
    routing = Routing(90, 10)
    live = stored(dict(wanted(asking(), source(), routing=routing).fields))
    DRIFTS[field](live)
    found = wanted(asking(), source(), live, routing=routing)
    assert found.differs
    annotations: Any = found.fields["metadata"]["annotations"]
    if found.patch is not None:
        annotations = patched(live, found.patch)["metadata"]["annotations"]
        assert annotations["note"] == "of another", "S11"
    assert of_canary(annotations) == {"canary": "true", "canary-weight": "10"}


@pytest.mark.parametrize(
    ("annotations", "said"),
    [
        ({"canary-weight": "100", "canary-weight-total": "1000"}, Routing(90, 10)),
        ({"canary-weight-total": "1000"}, Routing(99, 1)),
        ({"canary-weight": "abc"}, "no number"),
        ({"canary-weight": "150"}, "150 of 100"),
        ({"canary-weight": "-5"}, "-5 of 100"),
        ({"canary-weight": "1", "canary-weight-total": "3"}, "1 of 3"),
        ({"canary-weight-total": "0"}, "of 0"),
        ({"canary": "false"}, "is no canary"),
        ({"canary-by-header": "x"}, "canary-by-header"),
    ],
    ids=str,
)
def test_what_a_live_weight_means(annotations: Obj, said: Routing | str) -> None:
    # D19, providers.md 24.5
    live = stored(dict(wanted(asking(), source(), routing=Routing(90, 10)).fields))
    live["metadata"]["annotations"] |= {f"{X}/{key}": value for key, value in annotations.items()}
    reading = PROVIDER.read(seen(asking(), source(), live))
    if isinstance(said, Routing):
        assert reading.routing == said
    else:
        assert reading.routing is None
        assert reading.error.startswith("ingress web-canary.test ") and said in reading.error


def test_a_weight_beside_a_condition_is_drift() -> None:
    # D7
    obj = asking(HEADER)
    live = stored(dict(wanted(obj, source(), routing=Routing(0, 100)).fields))
    live["metadata"]["annotations"][f"{X}/canary-weight"] = "50"
    reading = PROVIDER.read(seen(obj, source(), live))
    assert reading.routing is None and "on no condition" in reading.error


def test_a_missing_or_unfit_source_is_named_and_the_weight_can_still_fall() -> None:
    # providers.md 21, D5
    live = stored(dict(wanted(asking(), source(), routing=Routing(90, 10)).fields))
    elsewhere = copy.deepcopy(source())
    del elsewhere["spec"]["rules"][1]
    for found, error in (
        ([live], 'ingress web.test get query error: ingresses.networking.k8s.io "web" not found'),
        ([elsewhere, live], "backend podinfo not found in ingress web"),
        (
            [source()],
            "ingress web-canary.test get query error: "
            'ingresses.networking.k8s.io "web-canary" not found',
        ),
    ):
        assert PROVIDER.read(seen(asking(), *found)).error == error
    lowered = wanted(asking(), live)
    assert lowered.differs
    assert lowered.fields["spec"] == live["spec"]
    assert PROVIDER.desired(seen(asking()), INIT) == ()
    assert PROVIDER.desired(seen(asking(), elsewhere), INIT) == ()


def test_an_ingress_that_is_not_ours_is_never_written() -> None:
    made = dict(wanted(asking(), source()).fields)
    by_hand = stored(made)
    del by_hand["metadata"]["ownerReferences"]
    for live, error in (
        (others(made), "ingress web-canary.test belongs to Canary other"),
        (by_hand, "ingress web-canary.test was made by a user: delete it"),
    ):
        assert PROVIDER.desired(seen(asking(), source(), live), Routing(90, 10)) == ()
        assert PROVIDER.read(seen(asking(), source(), live)).error == error


def test_what_it_gets_is_not_changed() -> None:
    obj, origin = asking(HEADER), source(labels={"a": "b"})
    live = stored(dict(wanted(obj, origin, routing=Routing(0, 100)).fields))
    before = copy.deepcopy((obj, origin, live))
    for found in (wanted(obj, origin, live), wanted(obj, origin)):
        found.fields["metadata"]["annotations"].clear()
        found.fields["spec"]["rules"][0]["http"]["paths"][0]["backend"].clear()
    assert (obj, origin, live) == before
