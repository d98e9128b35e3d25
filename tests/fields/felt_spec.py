"""Fields that change how a rollout goes: the spec itself, references, ``engine``."""

from __future__ import annotations

from typing import Any

from tests.fields import looks
from tests.fields.entry import Applies, Felt

NEXT = Applies.NEXT_RUN
_SO = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "name": "podinfo-hpa"}
_ROUTE = {"apiVersion": "apisix.apache.org/v2", "kind": "ApisixRoute"}
_ASKS_ROUTE = {"analysis": {"metrics": [{"name": "own", "query": "route {{ route }}"}]}}


def _scaler(name: str, means: str, values: tuple[Any, Any], look: Any, wants: Any, **more: Any):
    path = f"spec.autoscalerRef.{name}"
    return Felt(path=path, means=means, values=values, look=look, wants=wants, **more)


ENTRIES = (
    Felt(path="spec.provider", means="traffic provider; that of `-mesh-provider` if absent. "
         "Routes of another one stay, with all traffic on the primary",
         values=("istio", "gatewayapi:v1"), wants=(None, (90, 10)), applies=NEXT, unwatched=True,
         look=looks.http_route,
         beside={"service": {"gatewayRefs": [{"name": "gateway"}]}}),
    Felt(path="spec.metricsServer", means="Prometheus of built-in and inline queries; that of "
         "`-metrics-server` if absent", values=("http://a.test", "http://b.test"),
         wants=(("http://a.test",), ("http://b.test",)), look=looks.address_asked),
    Felt(path="spec.targetRef.kind", means="kind of the workload", values=("Deployment",
         "DaemonSet"), wants=("Deployment/podinfo-primary", "DaemonSet/podinfo-primary"),
         look=looks.newest_primary, whole=True, applies=NEXT, scene="targets",
         unwatched=True),
    Felt(path="spec.targetRef.name", means="name of the workload, in the Canary's namespace",
         values=("podinfo", "other"), wants=("Deployment/podinfo-primary",
         "Deployment/other-primary"), look=looks.newest_primary, whole=True,
         applies=NEXT, scene="targets", unwatched=True),
    _scaler("kind", "kind of the target's autoscaler", ("HorizontalPodAutoscaler", "ScaledObject"),
            looks.primary_scalers, ((), ("ScaledObject podinfo-hpa-primary",)), scene="scaled"),
    _scaler("name", "name of the target's autoscaler", ("podinfo-hpa", "other"),
            looks.primary_scalers, ((), ("other-primary",)), scene="scaled"),
    _scaler("primaryScalerQueries", "queries of the primary's triggers, by the names of these",
            ({"load": "a"}, {"load": "b"}), looks.primary_query, ("a", "b"), scene="keda",
            applies=NEXT),
    _scaler("primaryScalerReplicas.minReplicas", "the primary's own minimum", (1, 2),
            looks.primary_hpa, ((1, 6), (2, 6)), scene="scaled", applies=NEXT),
    _scaler("primaryScalerReplicas.maxReplicas", "the primary's own maximum", (7, 8),
            looks.primary_hpa, ((3, 7), (3, 8)), scene="scaled", applies=NEXT),
    Felt(path="spec.ingressRef.name", means="nginx: the Ingress beside which the canary's stands",
         values=("podinfo", "other"), wants=(None, 10), look=looks.other_ingress, scene="nginx",
         applies=NEXT, unwatched=True),
    Felt(path="spec.routeRef.name", means="name of the ApisixRoute: `{{ route }}` in queries",
         values=("a", "b"), wants=(("route a",), ("route b",)), look=looks.queries,
         beside={"routeRef": _ROUTE, **_ASKS_ROUTE}),
    Felt(path="spec.service.name", means="name of the apex Service and of the route; the target's "
         "if absent. What had the name before stays, and leads to the primary", applies=NEXT,
         values=("podinfo", "other"), wants=(None, (90, 10)), look=looks.other_name,
         unwatched=True),
    Felt(path="spec.service.headless", means="Services without an address of their own",
         values=(False, True), wants=(False, True), look=looks.is_headless,
         applies=Applies.NEW_OBJECTS),
    Felt(path="spec.progressDeadlineSeconds", means="seconds that a workload may be unready; 600 "
         "if absent", values=(600, 60), wants=(False, True), look=looks.is_overdue),
    Felt(path="spec.skipAnalysis", means="a healthy canary is promoted at once",
         values=(False, True), wants=(False, True), look=looks.is_skipped, whole=True),
    Felt(path="spec.revertOnDeletion", means="at deletion the target gets its traffic back",
         values=(False, True), wants=(False, True), look=looks.has_finalizer),
    Felt(path="spec.suspend", means="nothing moves", values=(False, True), wants=(True, False),
         look=looks.advances, late=True),
    Felt(path="spec.engine.settle", values=("2s", "20s"), wants=(62, 80),
         look=looks.length_of_a_step),
    Felt(path="spec.engine.drain", values=("5s", "50s"), wants=(5, 50), look=looks.drain),
    Felt(path="spec.engine.dependsOn[].name", means="a Canary that has to be at rest and promoted "
         "before a rollout starts", values=("idle", "gone"), wants=(True, False),
         look=looks.has_begun, whole=True, applies=NEXT, scene="dependent"),
    Felt(path="spec.engine.dependsOn[].namespace", means="its namespace; the Canary's if absent",
         values=("test", "base"), wants=(True, False), look=looks.has_begun, whole=True,
         applies=NEXT, scene="dependent", beside={"engine": {"dependsOn": [{"name": "idle"}]}}),
)  # fmt: skip
