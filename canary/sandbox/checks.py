"""Validation of the built-in kinds, as far as objects of the sandbox can break its rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from canary.sandbox.fielderror import FieldError, forbidden, immutable, invalid, required
from canary.sandbox.jsonvalue import JsonObj, same
from canary.sandbox.refusal import not_implemented
from canary.sandbox.rules import check_rules
from canary.sandbox.selectors import label_selector

Check = Callable[[JsonObj, JsonObj | None], Iterator[FieldError]]
"""Complaints about a new object, given the one before it."""

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_NOT_NEGATIVE = "must be greater than or equal to 0"


def fine(obj: JsonObj, before: JsonObj | None) -> Iterator[FieldError]:
    """No rules."""
    return iter(())


def names(obj: JsonObj) -> Iterator[FieldError]:
    """Whether an object's name is one; kinds with stricter names aren't told apart."""
    name = obj["metadata"]["name"]
    if not _SUBDOMAIN.fullmatch(name) or len(name) > 253:
        yield invalid("metadata.name", name, _SUBDOMAIN_TEXT)


def workload(obj: JsonObj, before: JsonObj | None) -> Iterator[FieldError]:
    """Of Deployments, ReplicaSets and DaemonSets."""
    spec = obj["spec"]
    if spec.get("replicas", 0) < 0:
        yield invalid("spec.replicas", spec["replicas"], _NOT_NEGATIVE)
    selector = spec.get("selector")
    template = spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels")
    if not selector:
        yield required("spec.selector")
    if not selector or not label_selector(selector).matches({"labels": labels or {}}):
        detail = "`selector` does not match template `labels`"
        yield invalid("spec.template.metadata.labels", labels, detail)
    yield from _containers(template.get("spec") or {}, "spec.template.spec.containers")
    strategy = spec.get("strategy") or {}
    if strategy.get("type") == "Recreate" and "rollingUpdate" in strategy:
        detail = "may not be specified when strategy `type` is 'Recreate'"
        yield forbidden("spec.strategy.rollingUpdate", detail)
    if before and not same(before["spec"].get("selector"), selector):
        yield immutable("spec.selector", selector)
    if spec.get("paused"):
        raise not_implemented("paused Deployments")


def _containers(spec: JsonObj, path: str) -> Iterator[FieldError]:
    if not spec.get("containers"):
        yield required(path)
    for index, container in enumerate(spec.get("containers") or ()):
        for name in ("name", "image"):
            if not container.get(name):
                yield required(f"{path}[{index}].{name}")


def pod(obj: JsonObj, before: JsonObj | None) -> Iterator[FieldError]:
    """Of Pods."""
    yield from _containers(obj["spec"], "spec.containers")


def service(obj: JsonObj, before: JsonObj | None) -> Iterator[FieldError]:
    """Of Services."""
    spec = obj["spec"]
    portless = spec.get("clusterIP") == "None" or spec.get("type") == "ExternalName"
    if not spec.get("ports") and not portless:
        yield required("spec.ports")
    if before and before["spec"].get("clusterIP") != spec.get("clusterIP"):
        value: list[Any] = [spec.get("clusterIP")]
        yield invalid("spec.clusterIPs[0]", value, "may not change once set")


def autoscaler(obj: JsonObj, before: JsonObj | None) -> Iterator[FieldError]:
    """Of HorizontalPodAutoscalers."""
    spec = obj["spec"]
    if not spec.get("maxReplicas"):
        yield required("spec.maxReplicas", "must be set and greater than 0")
    elif spec["maxReplicas"] < spec["minReplicas"]:
        text = "must be greater than or equal to `minReplicas`"
        yield invalid("spec.maxReplicas", spec["maxReplicas"], text)


def revision(obj: JsonObj, before: JsonObj | None) -> Iterator[FieldError]:
    """Of ControllerRevisions."""
    if before and not same(before.get("data"), obj.get("data")):
        yield immutable("data", obj.get("data"))


def definition(obj: JsonObj, before: JsonObj | None) -> Iterator[FieldError]:
    """Of CustomResourceDefinitions: whether the sandbox knows all rules in their schemas."""
    for version in obj["spec"]["versions"]:
        check_rules((version.get("schema") or {}).get("openAPIV3Schema") or {})
    return iter(())


def data(obj: JsonObj, before: JsonObj | None) -> Iterator[FieldError]:
    """Of ConfigMaps and Secrets."""
    if before and before.get("immutable") and not same(before.get("data"), obj.get("data")):
        yield forbidden("data", "field is immutable when `immutable` is set")
