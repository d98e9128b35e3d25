"""The kinds that the sandbox serves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from canary.kube.resources import (
    AUTOSCALERS,
    CONFIG_MAPS,
    CONTROLLER_REVISIONS,
    CRDS,
    DAEMON_SETS,
    DEPLOYMENTS,
    ENDPOINT_SLICES,
    EVENTS,
    LEASES,
    NAMESPACES,
    PODS,
    REPLICA_SETS,
    SECRETS,
    SERVICES,
    Resource,
)
from canary.sandbox import builtin, checks, defaults
from canary.sandbox.kind import Kind
from canary.sandbox.schema_shape import object_shape

NODES = Resource("", "v1", "nodes", "Node")


_POD_FIELDS = (
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.podIPs",
    "status.nominatedNodeName",
)
_EVENT_FIELDS = (
    *(
        f"involvedObject.{name}"
        for name in (
            "kind",
            "namespace",
            "name",
            "uid",
            "apiVersion",
            "resourceVersion",
            "fieldPath",
        )
    ),
    "reason",
    "reportingComponent",
    "source",
    "type",
)
_NO_DAEMONS = dict.fromkeys(
    (
        "currentNumberScheduled",
        "desiredNumberScheduled",
        "numberMisscheduled",
        "numberReady",
    ),
    0,
)


def _built_in(resource: Resource, **parts: Any) -> Kind:
    rows = {row["name"]: row for row in builtin.discovered(resource.api_version)}
    return Kind(
        resource,
        builtin.shape(builtin.type_name(resource)),
        rows[resource.plural],
        namespaced=rows[resource.plural]["namespaced"],
        status=f"{resource.plural}/status" in rows,
        scale=f"{resource.plural}/scale" in rows,
        **parts,
    )


BUILT_IN: tuple[Kind, ...] = (
    _built_in(
        NAMESPACES,
        fill=defaults.namespace,
        first_status={"phase": "Active"},
        fields=("status.phase",),
    ),
    _built_in(NODES, fields=("spec.unschedulable",)),
    _built_in(CRDS, counted=True, fill=defaults.definition, check=checks.definition),
    _built_in(
        DEPLOYMENTS,
        counted=True,
        fill=defaults.deployment,
        first_status={},
        check=checks.workload,
    ),
    _built_in(
        REPLICA_SETS,
        counted=True,
        fill=defaults.replica_set,
        first_status={"replicas": 0},
        check=checks.workload,
        fields=("status.replicas",),
    ),
    _built_in(
        DAEMON_SETS,
        counted=True,
        fill=defaults.daemon_set,
        first_status=_NO_DAEMONS,
        check=checks.workload,
    ),
    _built_in(
        AUTOSCALERS,
        fill=defaults.autoscaler,
        first_status={"desiredReplicas": 0, "currentMetrics": None},
        check=checks.autoscaler,
    ),
    _built_in(
        PODS,
        counted=True,
        fill=defaults.pod,
        first_status={"phase": "Pending", "qosClass": "BestEffort"},
        check=checks.pod,
        fields=_POD_FIELDS,
    ),
    _built_in(
        SERVICES,
        fill=defaults.service,
        first_status={"loadBalancer": {}},
        check=checks.service,
        fields=("spec.clusterIP", "spec.type"),
    ),
    _built_in(ENDPOINT_SLICES, counted=True, fill=defaults.endpoint_slice),
    _built_in(CONFIG_MAPS, check=checks.data),
    _built_in(SECRETS, fill=defaults.secret, check=checks.data, fields=("type",)),
    _built_in(CONTROLLER_REVISIONS, check=checks.revision),
    _built_in(EVENTS, fill=defaults.event, fields=_EVENT_FIELDS),
    _built_in(LEASES),
)


def custom_kinds(crd: Mapping[str, Any]) -> list[Kind]:
    """The kinds that a CustomResourceDefinition serves, one for each version."""
    spec = crd["spec"]
    found = []
    for version in spec["versions"]:
        if not version.get("served"):
            continue
        schema = (version.get("schema") or {}).get("openAPIV3Schema") or {"type": "object"}
        names = spec["names"]
        resource = Resource(spec["group"], version["name"], names["plural"], names["kind"])
        found.append(
            Kind(
                resource,
                object_shape(schema),
                _row(names, spec["scope"] == "Namespaced"),
                namespaced=spec["scope"] == "Namespaced",
                status="status" in (version.get("subresources") or {}),
                counted=True,
                schema=schema,
                columns=tuple(version.get("additionalPrinterColumns") or ()),
            )
        )
    return found


_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")


def _row(names: Mapping[str, Any], namespaced: bool) -> dict[str, Any]:
    row = {
        "name": names["plural"],
        "singularName": names.get("singular") or names["kind"].lower(),
        "namespaced": namespaced,
        "kind": names["kind"],
        "verbs": list(_VERBS),
        "shortNames": names.get("shortNames"),
        "categories": names.get("categories"),
    }
    return {key: value for key, value in row.items() if value is not None}
