"""Metric servers and templates that don't work: each a failed check with its own words."""

from __future__ import annotations

import asyncio

from analysis.outcome import FailureKind, QueryFailed, Values
from canary.kube.resources import METRIC_TEMPLATES
from tests.badinput.test_specs import custom, metric_template, warned
from tests.rig.manifests import setting
from tests.rig.staged import staged
from tests.transcripts.script import Script


async def at_twenty(script: Script, metric: bool = False, query: str = "up") -> None:
    """A rollout at its second step, with a custom metric if asked."""
    if not metric:
        await script.initialized()
    else:
        await script.stage.up()
        template = metric_template(query=query)
        await script.stage.apply(template, *setting(analysis={"metrics": [custom()]}))
        script.stage.start()
        await script.reaches("Initialized")
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)


@staged()
async def test_template_missing(script: Script) -> None:
    await at_twenty(script, metric=True)
    await script.stage.delete(METRIC_TEMPLATES, "success")
    await script.reaches("Progressing", 20, 1)
    text = 'Metric template success.test error: metrictemplate.flagger.app "success" not found'
    assert warned(script, text)
    await script.stage.apply(metric_template())
    await script.reaches("Succeeded")


@staged()
async def test_template_that_does_not_render(script: Script) -> None:
    await at_twenty(script, metric=True)
    patch = {"spec": {"query": "up{ns='{{ nonsense }}'}"}}
    await script.stage.patch(METRIC_TEMPLATES, "success", patch)
    await script.reaches("Progressing", 20, 1)
    assert warned(script, "Metric template success.test query render error", "nonsense")
    await script.stage.apply(metric_template())
    await script.reaches("Succeeded")


@staged()
async def test_secret_of_a_template_missing(script: Script) -> None:
    await at_twenty(script, metric=True)
    patch = {"spec": {"provider": {"secretRef": {"name": "nope"}}}}
    await script.stage.patch(METRIC_TEMPLATES, "success", patch)
    await script.reaches("Progressing", 20, 1)
    assert warned(
        script, 'Metric template success.test secret nope error: secrets "nope" not found'
    )
    await script.stage.patch(
        METRIC_TEMPLATES, "success", {"spec": {"provider": {"secretRef": None}}}
    )
    await script.reaches("Succeeded")


def fails(script: Script, text: str, kind: FailureKind) -> None:
    script.stage.prometheus.answers = lambda query: QueryFailed(text, kind)


@staged()
async def test_query_that_prometheus_rejects(script: Script) -> None:
    await at_twenty(script)
    fails(script, "error response: Status 400 Bad Request: parse error", FailureKind.REJECTED)
    await script.reaches("Progressing", 20, 1)
    assert warned(
        script, "Prometheus query failed: running query failed: error response: Status 400"
    )
    script.stage.prometheus.answers = None
    await script.reaches("Succeeded")


@staged()
async def test_unreachable_prometheus_rolls_back_in_the_end(script: Script) -> None:
    """It never passes, counts like Flagger's, and no check is held up by another."""
    await at_twenty(script)
    fails(script, "request failed: connection refused", FailureKind.UNREACHABLE)
    await script.reaches("Failed")
    assert warned(script, "Prometheus query failed: running query failed: request failed")
    assert script.stage.status()["canaryWeight"] == 0


@staged()
async def test_a_slow_answer_holds_up_nobody_else(script: Script) -> None:
    """While one Canary waits for its metrics, drift of its route is put right all the same."""
    await at_twenty(script)
    script.stage.prometheus.delay = 30.0
    await script.stage.rest(65)
    before = asyncio.get_running_loop().time()
    await script.stage.route_weights(0, 100)
    await script.stage.rest(1)
    assert script.recorder is not None
    script.look()
    assert script.recorder._split == "80/20"
    assert asyncio.get_running_loop().time() - before < 2


@staged()
async def test_several_series_must_all_pass(script: Script) -> None:
    """The order of series makes no difference, and the worst one is told (analysis 12.2)."""
    await at_twenty(script)
    script.stage.prometheus.answers = lambda query: Values((90.0, 100.0))
    await script.reaches("Progressing", 20, 1)
    assert warned(script, "success rate 90.00% < 99% (worst of 2 series)")
