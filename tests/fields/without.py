"""Fields that change nothing here, or of which a value is refused by name."""

from __future__ import annotations

from typing import Any

from tests.fields.entry import Without

_APISIX = {"apiVersion": "apisix.apache.org/v2", "kind": "ApisixRoute", "name": "a"}
_GLOO = {"apiVersion": "gloo.solo.io/v1", "kind": "Upstream", "name": "a", "namespace": "test"}
_ONE_KIND = "has one value that the CRD accepts"
_READ_BY_GLOO = "only the provider gloo reads it, which is refused by name"
_READ_BY_APP_MESH = "only the provider appmesh reads it, which is refused by name"
_VERSION = "the kind is found by its name; the version is always the same"
_KEPT = "what others put on a Service always stays as it is (D33)"


def _spec(name: str, means: str, why: str, *values: Any, **more: Any) -> Without:
    return Without(path=f"spec.{name}", means=means, why=why, values=(values[0], values[1]), **more)


ENTRIES = (
    _spec("targetRef.apiVersion", "version of the workload's kind", "a Knative Service is refused "
          "by name, any other is found by its kind", "apps/v1", "serving.knative.dev/v1",
          says="can't use istio provider with Knative Service as target",
          beside={"targetRef": {"kind": "Service"}}),
    _spec("autoscalerRef.apiVersion", "version of the autoscaler's kind", _VERSION,
          "autoscaling/v2", "autoscaling/v1", scene="scaled"),
    _spec("ingressRef.apiVersion", "version of the Ingress's kind", _VERSION,
          "networking.k8s.io/v1", "networking.k8s.io/v2", scene="nginx"),
    _spec("ingressRef.kind", "kind of the Ingress", _ONE_KIND, "Ingress", "Other", scene="nginx",
          says='Unsupported value: "Other"'),
    _spec("routeRef.apiVersion", "version of the ApisixRoute's kind", "only the provider apisix "
          "reads it, which is refused by name", "apisix.apache.org/v2", "apisix.apache.org/v3",
          beside={"routeRef": _APISIX}),
    _spec("routeRef.kind", "kind of the ApisixRoute", _ONE_KIND, "ApisixRoute", "Other",
          says='Unsupported value: "Other"', beside={"routeRef": _APISIX}),
    _spec("upstreamRef.apiVersion", "version of the upstream's kind", _READ_BY_GLOO,
          "gloo.solo.io/v1", "gloo.solo.io/v2", beside={"upstreamRef": _GLOO}),
    _spec("upstreamRef.kind", "kind of the upstream", _ONE_KIND, "Upstream", "Other",
          says='Unsupported value: "Other"', beside={"upstreamRef": _GLOO}),
    _spec("upstreamRef.name", "name of the upstream", _READ_BY_GLOO, "a", "b",
          beside={"upstreamRef": _GLOO}),
    _spec("upstreamRef.namespace", "namespace of the upstream", "another namespace is refused "
          "with `-no-cross-namespace-refs`; else " + _READ_BY_GLOO, "test", "base",
          says="can't access gloo upstream a.base", beside={"upstreamRef": _GLOO}),
    _spec("service.meshName", "name of the mesh", _READ_BY_APP_MESH, "a", "b"),
    _spec("service.backends", "services that the pods call", _READ_BY_APP_MESH, ["a"], ["b"]),
    _spec("service.unmanagedMetadata.labels", "labels that stay as others made them", _KEPT,
          ["team"], ["other"]),
    _spec("service.unmanagedMetadata.annotations", "annotations that stay as others made them",
          _KEPT, ["team"], ["other"]),
    _spec("analysis.match[].queryParams{}.prefix", "a query parameter begins with this",
          "Istio and Gateway API can't say it: refused by name", None, "a", scene="tested",
          says="spec.analysis.match[0].queryParams.x-field: accepted are exact and regex"),
    _spec("analysis.alerts[].name", "a label for people", "nothing reads it", "a", "b",
          scene="alerted"),
    Without(kind="MetricTemplate", path="spec.provider.type", why="any but prometheus is refused "
            "by name", values=("prometheus", "datadog"), scene="template",
            says="datadog is not supported by this version yet: accepted are prometheus"),
    Without(kind="MetricTemplate", path="spec.provider.region", why="Prometheus has no regions; "
            "that is said in the log", values=("a", "b"), scene="template"),
)  # fmt: skip
