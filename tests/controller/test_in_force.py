"""A Canary as its run goes by it, whatever names its spec has got meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from canary.api.canary import parse
from canary.controller.inforce import InForce, bind, in_force
from canary.controller.memory import Memory
from canary.controller.parsing import parsed
from canary.rollout.binding import Binding
from canary.rollout.record import Record, Run
from canary.rollout.stage import Stage
from tests.controller.looks import NEW, live
from tests.rig.manifests import setting

HELD = Binding("istio", "Deployment", "podinfo")


def canary(**spec: Any) -> dict[str, Any]:
    return live(setting(spec=spec)[-1])


def run(binding: Binding | None = HELD, stage: Stage = Stage.PROGRESSING) -> Record:
    return Record(stage, run=Run(NEW, binding=binding))


@pytest.mark.parametrize("record", [Record(), run(), run(None)])
def test_the_spec_is_in_force_where_no_run_is_bound_to_anything_else(record: Record) -> None:
    obj = canary()
    model = parse(obj)
    assert in_force(obj, model, record, "istio") == InForce(obj, model)


def test_a_run_goes_on_with_the_names_that_it_began_with() -> None:
    """Everything else in the spec counts at once."""
    obj = canary(service={"name": "web"}, analysis={"threshold": 7}, provider="gatewayapi:v1")
    found = in_force(obj, parse(obj), run(), "istio")
    assert found.wanted == Binding("gatewayapi:v1", "Deployment", "podinfo", "web")
    assert found.canary.spec.provider == "istio"
    assert found.canary.spec.service.name is None
    assert found.canary.spec.analysis.threshold == 7
    assert found.obj["spec"]["provider"] == "istio"
    assert found.obj["metadata"] == obj["metadata"]
    assert obj["spec"]["provider"] == "gatewayapi:v1", "what the caches share stays as it is"


def test_a_provider_that_nobody_names_is_that_of_the_engine() -> None:
    obj = canary(provider=None)
    assert in_force(obj, parse(obj), run(), "istio").wanted is None
    found = in_force(obj, parse(obj), run(), "linkerd")
    assert (found.wanted.provider, found.canary.spec.provider) == ("linkerd", "istio")


def test_a_run_that_was_begun_elsewhere_is_bound_to_what_the_spec_says() -> None:
    model = parse(canary())
    assert bind(run(None), model, "linkerd") == run(HELD)
    other = Binding("istio", "Deployment", "other")
    for record in (Record(), run(other), run(None, Stage.SUCCEEDED), run(None, Stage.FAILED)):
        assert bind(record, model, "linkerd") == record


def test_a_model_is_made_once_for_each_version_of_a_spec() -> None:
    obj, memory = canary(), Memory()
    first = parsed(obj, memory)
    assert (first.canary, first.spec, first.complaint) == (parse(obj), obj["spec"], "")
    touched = {**obj, "metadata": {**obj["metadata"], "resourceVersion": "8"}}
    assert parsed(touched, memory) is first
    # One that was deleted and made anew begins with the generation that the former one had.
    for other in ({"generation": 2}, {"uid": "another"}):
        memory = Memory()
        parsed(obj, memory)
        edited = canary(analysis={"threshold": 7})
        edited["metadata"] |= other
        assert parsed(edited, memory).canary.spec.analysis.threshold == 7


def test_the_last_spec_that_could_be_read_is_kept_beside_the_complaint() -> None:
    obj, memory = canary(), Memory()
    bad = canary(service={"port": 9898.5})
    alone = parsed(bad, Memory())
    assert (alone.canary, alone.spec) == (None, {})
    assert alone.complaint.startswith("invalid canary spec: ")
    parsed(obj, memory)
    bad["metadata"]["generation"] = 2
    kept = parsed(bad, memory)
    assert (kept.canary, kept.spec) == (parse(obj), obj["spec"])
    assert kept.complaint == alone.complaint
