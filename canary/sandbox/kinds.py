"""The kinds that the sandbox serves, and what is particular to each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from canary.kube.resources import (
    CONFIG_MAPS,
    CONTROLLER_REVISIONS,
    CRDS,
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
from canary.sandbox import defaults, shapes
from canary.sandbox.fielderror import FieldError, immutable, invalid, required
from canary.sandbox.jsonvalue import JsonObj, same
from canary.sandbox.schema import Schema, check_rules, complaints, defaulted, pruned
from canary.sandbox.schema_shape import object_shape
from canary.sandbox.selectors import label_selector
from canary.sandbox.shapes import Shape

Check = Callable[[JsonObj, JsonObj | None], Iterator[FieldError]]
"""Complaints about a new object, given the one before it."""


def _fine(obj: JsonObj, before: JsonObj | None) -> Iterator[FieldError]:
    return iter(())


@dataclass(frozen=True)
class Kind:
    """One kind: its shape for merging, its subresources, its defaults and rules."""

    resource: Resource
    shape: Shape
    namespaced: bool = True
    status: bool = False
    scale: bool = False
    counted: bool = False
    """Has ``metadata.generation``, which counts changes of anything but metadata and status."""
    fill: defaults.Fill = defaults.nothing
    check: Check = _fine
    schema: Schema | None = None
    """Set for custom resources only."""

    @property
    def custom(self) -> bool:
        return self.schema is not None

    def complete(self, obj: JsonObj) -> JsonObj:
        """``obj``, which may be changed, with defaults, and without what a schema prunes."""
        if self.schema is not None:
            kept: JsonObj = pruned(defaulted(obj, self.schema), self.schema, top=True)
            return kept
        self.fill(obj)
        return obj

    def errors(self, obj: JsonObj, before: JsonObj | None) -> list[FieldError]:
        """All complaints about ``obj``."""
        if self.schema is not None:
            body = {k: v for k, v in obj.items() if k not in ("apiVersion", "kind", "metadata")}
            return list(complaints(body, {**self.schema, "required": ()}, "")) + [
                required(name) for name in self.schema.get("required") or () if name not in obj
            ]
        return list(self.check(obj, before))


def _workload(obj: JsonObj, before: JsonObj | None) -> Iterator[FieldError]:
    spec = obj["spec"]
    selector = spec.get("selector")
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    if not selector:
        yield required("spec.selector")
    elif not label_selector(selector).matches({"labels": labels}):
        detail = "`selector` does not match template `labels`"
        yield invalid("spec.template.metadata.labels", labels, detail)
    if before and not same(before["spec"].get("selector"), selector):
        yield immutable("spec.selector", selector)
    if not ((spec.get("template") or {}).get("spec") or {}).get("containers"):
        yield required("spec.template.spec.containers")


def _service(obj: JsonObj, before: JsonObj | None) -> Iterator[FieldError]:
    spec = obj["spec"]
    if not spec.get("ports") and spec.get("clusterIP") != "None":
        yield required("spec.ports")
    if before and before["spec"].get("clusterIP") != spec.get("clusterIP"):
        detail = "may not change once set"
        yield invalid("spec.clusterIPs[0]", [spec.get("clusterIP")], detail)


def _revision(obj: JsonObj, before: JsonObj | None) -> Iterator[FieldError]:
    if before and not same(before.get("data"), obj.get("data")):
        yield immutable("data", obj.get("data"))


def _data(obj: JsonObj, before: JsonObj | None) -> Iterator[FieldError]:
    if before and before.get("immutable") and not same(before.get("data"), obj.get("data")):
        yield FieldError(
            "data",
            "FieldValueForbidden",
            "Forbidden: field is immutable when `immutable` is set",
        )


BUILT_IN: tuple[Kind, ...] = (
    Kind(NAMESPACES, shapes.FLAT, namespaced=False, status=True),
    Kind(CRDS, shapes.FLAT, namespaced=False, status=True, counted=True),
    Kind(
        DEPLOYMENTS,
        shapes.WORKLOAD,
        status=True,
        scale=True,
        counted=True,
        fill=defaults.deployment,
        check=_workload,
    ),
    Kind(
        REPLICA_SETS,
        shapes.WORKLOAD,
        status=True,
        scale=True,
        counted=True,
        fill=defaults.replica_set,
        check=_workload,
    ),
    Kind(PODS, shapes.POD, status=True, fill=defaults.pod),
    Kind(SERVICES, shapes.SERVICE, status=True, fill=defaults.service, check=_service),
    Kind(ENDPOINT_SLICES, shapes.FLAT, counted=True),
    Kind(CONFIG_MAPS, shapes.FLAT, check=_data),
    Kind(SECRETS, shapes.FLAT, fill=defaults.secret, check=_data),
    Kind(CONTROLLER_REVISIONS, shapes.REVISION, check=_revision),
    Kind(EVENTS, shapes.EVENT),
    Kind(LEASES, shapes.FLAT),
)


def custom_kinds(crd: Mapping[str, Any]) -> list[Kind]:
    """The kinds that a CustomResourceDefinition serves, one for each version."""
    spec = crd["spec"]
    found = []
    for version in spec["versions"]:
        if not version.get("served"):
            continue
        schema = (version.get("schema") or {}).get("openAPIV3Schema") or {"type": "object"}
        check_rules(schema)
        names = spec["names"]
        resource = Resource(spec["group"], version["name"], names["plural"], names["kind"])
        found.append(
            Kind(
                resource,
                object_shape(schema),
                namespaced=spec["scope"] == "Namespaced",
                status="status" in (version.get("subresources") or {}),
                counted=True,
                schema=schema,
            )
        )
    return found
