"""A Service as target, under traffic: a release is another selector."""

from __future__ import annotations

import time
from typing import Any

from canary.kube.resources import METRIC_TEMPLATES, SERVICES
from e2e.app import App, Rollout
from e2e.judgement import only_bad_images_fail, report
from e2e.manifests import NAME, STEPS, application
from e2e.marked import unseen
from e2e.scene import Scene
from e2e.suite import scenario

IMAGES = {"a": "shop:1.0.0", "b": "shop:1.1.0-bad30", "c": "shop:1.2.0"}
_CANARY = 'envoy_cluster_name=~"{{ namespace }}_{{ target }}-canary_.+"'
QUERY = (
    "100 * sum(rate(envoy_cluster_upstream_rq{"
    + _CANARY
    + ',envoy_response_code!~"5.*"}[{{ interval }}])) / sum(rate(envoy_cluster_upstream_rq{'
    + _CANARY
    + "}[{{ interval }}]))"
)
"""What Contour's Envoy says of the canary's Service; no built-in query of gatewayapi does."""


def workload(version: str) -> dict[str, Any]:
    """A Deployment that the Service may lead to."""
    made, _ = application("", "", image=IMAGES[version])
    labels = {"app": NAME, "version": version}
    made["metadata"]["name"] = f"{NAME}-{version}"
    made["spec"]["selector"]["matchLabels"] = labels
    made["spec"]["template"]["metadata"]["labels"] = labels
    return made


def target(version: str) -> dict[str, Any]:
    """The Service, leading to one of them."""
    selector = {"app": NAME, "version": version}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": NAME},
        "spec": {"selector": selector, "ports": [{"port": 80, "targetPort": "http"}]},
    }


def template(prometheus: str) -> dict[str, Any]:
    """The query as a MetricTemplate."""
    return {
        "apiVersion": METRIC_TEMPLATES.api_version,
        "kind": METRIC_TEMPLATES.kind,
        "metadata": {"name": "success"},
        "spec": {"provider": {"type": "prometheus", "address": prometheus}, "query": QUERY},
    }


@scenario("contour")
async def test_service(scene: Scene) -> None:
    """The primary's Service keeps leading to the old pods until the new selector has passed; a bad
    one is rolled back."""
    app = App(scene, target=SERVICES)
    metric = {"name": "success", "templateRef": {"name": "success"}, "interval": "10s"}
    analysis = {"metrics": [{**metric, "thresholdRange": {"min": 99}}]}
    _, canary = application(app.host, app.provider, spec={"analysis": analysis})
    canary["spec"]["targetRef"] = {"apiVersion": "v1", "kind": "Service", "name": NAME}
    canary["spec"]["service"].pop("targetPort")
    workloads = [workload(version) for version in IMAGES]
    await scene.apply(*workloads, target("a"), template(scene.stack.prometheus), canary)
    await app.until("Initialized")
    users = await scene.traffic(await app.entrance(), app.host, 60.0)
    await users.reaches("1.0.0")

    bad = await _released(app, "b")
    await unseen(bad, users)
    answers = users.between(bad.began, float("inf"))
    report(app, bad, answers, [])
    assert bad.phases[-1] == "Failed"
    assert bad.routed == [STEPS[0], 0]
    assert _leads_to(app, f"{NAME}-primary") == "a"
    only_bad_images_fail(answers)
    assert any(answer.failed for answer in answers), "the bad image did fail"

    good = await _released(app, "c")
    await users.reaches(good.revision)
    answers = users.between(good.began, float("inf"))
    report(app, good, answers, [])
    assert good.phases[-1] == "Succeeded"
    assert good.weights == [0, *STEPS, 0] and good.routed == [*STEPS, 0]
    assert _leads_to(app, f"{NAME}-primary") == "c"
    assert not [answer for answer in answers if answer.failed]


def _leads_to(app: App, service: str) -> str:
    found = app.workloads.get(service)
    return str(found["spec"]["selector"]["version"]) if found else ""


async def _released(app: App, version: str) -> Rollout:
    began = time.time()
    await app.scene.patch(SERVICES, NAME, {"spec": {"selector": {"version": version}}})
    return await app.ended(IMAGES[version], began)
