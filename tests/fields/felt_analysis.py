"""Fields of ``spec.analysis`` that change how a rollout goes."""

from __future__ import annotations

from typing import Any

from tests.fields import hook_looks, looks
from tests.fields.entry import Applies, Felt, Shown, overlay


def _felt(name: str, means: str, values: Any, wants: Any, look: Any, **more: Any) -> Felt:
    beside = {"analysis": more.pop("beside", {})}
    return Felt(path=f"spec.analysis.{name}", means=means, values=values, wants=wants, look=look,
                beside=beside, **more)  # fmt: skip


def _metric(name: str, values: Any, wants: Any, look: Any, metric: Any = None, **more: Any) -> Felt:
    return _felt(f"metrics[].{name}", "", values, wants, look,
                 beside={"metrics": [metric or {}]}, **more)  # fmt: skip


_STRICT = {"metrics": [{"thresholdRange": {"min": 99}}]}
_OWN = {"name": "own", "thresholdRange": {"max": 1000}}
_PASSES = (True, False)

_STEPS = (
    _felt("interval", "seconds between checks", ("60s", "30s"), (62, 32), looks.length_of_a_step),
    _felt("threshold", "failed checks of a run that end it", (3, 1), (3, 1), looks.failed_checks,
          beside=_STRICT),
    _felt("iterations", "checks of Blue/Green or A/B testing", (3, 5), (3, 5), looks.iterations,
          scene="blue-green"),
    _felt("maxWeight", "weight from which the canary is promoted; 100 if absent", (50, 30),
          ((30, 40, 50), (30,)), looks.weights_to_come),
    _felt("stepWeight", "percent by which the weight rises", (10, 20), ((30, 40, 50), (40, 60)),
          looks.weights_to_come),
    _felt("stepWeights", "the weights one by one", ([10, 50], [10, 80]), ((50,), (80,)),
          looks.weights_to_come, beside={"stepWeight": None, "maxWeight": None}),
    _felt("stepWeightPromotion", "percent by which the promoted canary's weight falls; all at "
          "once if 0", (0, 20), ((50,), (50, 30, 10)), looks.weights_of_the_promotion),
    _felt("mirror", "the canary gets a copy of requests: before the first weight, or in each "
          "iteration", (False, True), (False, True), looks.mirrors, scene="blue-green"),
    _felt("primaryReadyThreshold", "percent of the primary's pods that must be ready; 100 if "
          "absent", (100, 50), (False, True), looks.advances_without_a_primary),
    _felt("canaryReadyThreshold", "percent of the canary's pods that must be ready; 100 if absent",
          (100, 50), (False, True), looks.advances_without_a_pod),
    _felt("sessionAffinity.cookieName", "name of the cookie that keeps users on the canary",
          ("a", "b"), (("", "a"), ("", "b")), looks.cookies, applies=Applies.NEXT_RUN),
    _felt("sessionAffinity.primaryCookieName", "name of the cookie that keeps users on the "
          "primary; none if absent", ("a", "b"), (("a", "sticky"), ("b", "sticky")), looks.cookies,
          scene="sticky"),
    Shown(path="spec.analysis.mirrorWeight", means="percent of requests that are copied; all if 0",
          values=(30, 60), place="VirtualService/podinfo spec.http.0.mirrorPercentage.value",
          scene="mirrored"),
)  # fmt: skip

_GATE = {"name": "gate", "type": "confirm-rollout", "url": "http://gate.test"}
_ENGINE = (
    _felt("engine.steps[].weight", "", (60, 80), ((60,), (80,)), looks.weights_to_come,
          scene="told", item=1),
    _felt("engine.steps[].duration", "", ("90s", "150s"), (92, 152), looks.length_of_a_step,
          scene="told"),
    _felt("engine.steps[].approval", "", (False, True), (True, False), looks.advances,
          scene="told"),
    _felt("engine.steps[].replicas", "", (3, 4), (3, 4), looks.canary_size, scene="told", item=1),
    _felt("engine.rollbackStepWeight", "", (0, 5), ((0,), (5, 0)), looks.weights_of_the_failure,
          beside=overlay({"threshold": 1}, _STRICT)),
    _felt("engine.confirmRestart", "", (True, False), ("Waiting", "Progressing"),
          hook_looks.phase_of_the_next_revision, beside={"webhooks": [_GATE]}),
)  # fmt: skip

_METRICS = (
    _metric("name", ("request-success-rate", "request-duration"),
            (("istio_requests_total",), ("istio_request_duration_milliseconds_bucket",)),
            looks.queries),
    _metric("interval", ("1m", "3m"), (("1m",), ("3m",)), looks.windows),
    _metric("threshold", (90, 99), _PASSES, looks.passes),
    _metric("thresholdRange.min", (90, 99), _PASSES, looks.passes),
    _metric("thresholdRange.max", (96, 90), _PASSES, looks.passes),
    _metric("query", ("one", "two"), (("one",), ("two",)), looks.queries, _OWN),
    _metric("templateRef.name", ("template", "other"), (("template",), ("other",)), looks.queries,
            scene="template"),
    _metric("templateRef.namespace", ("test", "base"), (("template",), ("base",)), looks.queries,
            scene="template"),
    _metric("templateVariables", ({"a": "one"}, {"a": "two"}),
            (("variable one",), ("variable two",)), looks.queries,
            {"templateRef": {"name": "variable"}}, scene="template"),
)  # fmt: skip

ENTRIES = (*_STEPS, *_ENGINE, *_METRICS)
