"""The three Services of a Canary: apex, primary and canary."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from canary.workloads.labels import SelectorLabel
from canary.workloads.objects import Obj, pruned, thaw
from canary.workloads.ownership import FLUX_MARKERS

_SIDECARS = ("istio-proxy", "envoy")


def ports(service: Obj, template: Obj | None) -> list[dict[str, Any]]:
    """The Service ports for ``spec.service``, with discovered ones of ``template`` if asked."""
    main: dict[str, Any] = {
        "name": service.get("portName") or "http",
        "protocol": "TCP",
        "port": int(service["port"]),
        "targetPort": service.get("targetPort") or int(service["port"]),
    }
    if service.get("appProtocol"):
        main["appProtocol"] = service["appProtocol"]
    found = list(_discovered(service, template)) if service.get("portDiscovery") else []
    return [main, *found]


def _discovered(service: Obj, template: Obj | None) -> Iterator[dict[str, Any]]:
    main = service.get("targetPort") or int(service["port"])
    for container in ((template or {}).get("spec") or {}).get("containers") or ():
        if container["name"] in _SIDECARS:
            continue
        for index, port in enumerate(container.get("ports") or ()):
            number = int(port["containerPort"])
            if main in (number, port.get("name")):
                continue
            yield {
                "name": port.get("name") or f"tcp-{container['name']}-{index}",
                "protocol": port.get("protocol", "TCP"),
                "port": number,
                "targetPort": number,
            }


def service_manifest(
    *,
    name: str,
    namespace: str,
    selector: Mapping[str, str],
    label: SelectorLabel,
    service: Obj,
    metadata: Obj | None,
    template: Obj | None,
    owner: Obj,
) -> dict[str, Any]:
    """Manifest of one generated Service; ``metadata`` is ``service.apex|primary|canary``."""
    extra = metadata or {}
    spec: dict[str, Any] = {
        "type": "ClusterIP",
        "selector": dict(selector),
        "ports": ports(service, template),
    }
    if service.get("headless"):
        spec["clusterIP"] = "None"
    if service.get("trafficDistribution"):
        spec["trafficDistribution"] = service["trafficDistribution"]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": dict(extra.get("labels") or {}) | {label.key: name},
            "annotations": dict(extra.get("annotations") or {}) | FLUX_MARKERS,
            "ownerReferences": [owner],
        },
        "spec": spec,
    }


def differs(live: Obj, manifest: Obj) -> bool:
    """Whether ``live`` lacks something of the owned fields in ``manifest``.

    Labels, annotations and ports that others added are theirs: an apply would leave them.
    """
    meta, want = live["metadata"], manifest["metadata"]
    for field in ("labels", "annotations"):
        have = meta.get(field) or {}
        if any(have.get(key) != value for key, value in want[field].items()):
            return True
    if not _has_owner(meta, want["ownerReferences"][0]):
        return True
    spec, wanted = live["spec"], manifest["spec"]
    if dict(spec.get("selector") or {}) != wanted["selector"]:
        return True
    if not set(_plain_ports(wanted["ports"])) <= set(_plain_ports(spec.get("ports"))):
        return True
    settable = ("trafficDistribution",)
    return any(field in wanted and spec.get(field) != wanted[field] for field in settable)


def _has_owner(meta: Obj, owner: Obj) -> bool:
    return any(
        ref == owner or pruned(ref) == pruned(owner) for ref in meta.get("ownerReferences") or ()
    )


def _plain_ports(found: Any) -> list[tuple[Any, ...]]:
    return sorted(
        (
            str(port.get("name", "")),
            port.get("protocol", "TCP"),
            int(port["port"]),
            str(port.get("targetPort", port["port"])),
            port.get("appProtocol") or "",
        )
        for port in found or ()
    )


def adoption_patch(live: Obj, manifest: Obj) -> list[dict[str, Any]]:
    """JSON Patch for a user's own apex Service: only the engine's fields (providers D31).

    Its selector becomes the primary's, the generated ports come to those that are there (same port
    or same name: replaced), and the two Flux markers keep it so. A port keeps its name and its node
    port: Ingresses refer to it, and proxies would take another name for another port.
    """
    operations: list[dict[str, Any]] = []
    wanted = manifest["spec"]
    if dict(live["spec"].get("selector") or {}) != wanted["selector"]:
        operations.append(
            {"op": "add", "path": "/spec/selector", "value": dict(wanted["selector"])}
        )
    merged = _merged_ports(live["spec"].get("ports") or (), wanted["ports"])
    if _plain_ports(merged) != _plain_ports(live["spec"].get("ports")):
        operations.append({"op": "add", "path": "/spec/ports", "value": merged})
    annotations = live["metadata"].get("annotations") or {}
    if any(annotations.get(key) != value for key, value in FLUX_MARKERS.items()):
        operations.append(
            {
                "op": "add",
                "path": "/metadata/annotations",
                "value": {**annotations, **FLUX_MARKERS},
            }
        )
    return operations


def _merged_ports(live: Any, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = {port["name"]: port for port in wanted}
    numbers = {_number(port): port for port in wanted}
    there = {numbers[_number(port)]["name"] for port in live if _number(port) in numbers}
    merged: list[dict[str, Any]] = []
    for port in live:
        match, name = numbers.get(_number(port)), port.get("name", "")
        if match is None and name not in there:
            match = names.get(name)
        if match is None:
            merged.append(thaw(port))
            continue
        there.add(match["name"])
        own = name if name not in names else match["name"]
        kept = {"nodePort": port["nodePort"]} if port.get("nodePort") else {}
        rest = {key: value for key, value in match.items() if key != "name"}
        merged.append({**({"name": own} if own else {}), **rest, **kept})
    merged += [port for port in wanted if port["name"] not in there]
    if len(merged) > 1:
        # A single port needs no name, each of several does.
        merged = [{"name": f"port-{port['port']}", **port} for port in merged]
    return merged


def _number(port: Mapping[str, Any]) -> tuple[int, str]:
    return int(port["port"]), str(port.get("protocol", "TCP"))


def returned_patch(
    live: Obj, selector: Mapping[str, str], last_applied: str | None
) -> list[dict[str, Any]]:
    """JSON Patch that gives a user's apex Service back: the selector that was last applied, else
    the target's. Ports and Flux markers stay, as with Flagger."""
    wanted = _applied_selector(last_applied) or dict(selector)
    if dict(live["spec"].get("selector") or {}) == wanted:
        return []
    return [{"op": "add", "path": "/spec/selector", "value": wanted}]


def _applied_selector(last_applied: str | None) -> dict[str, str]:
    """The selector that kubectl last applied; empty when nothing can be read from it."""
    try:
        found = json.loads(last_applied or "{}")["spec"]["selector"]
        return {str(key): str(value) for key, value in found.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
