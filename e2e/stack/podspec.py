"""What a pod's spec asks of the kubelet, read once: commands, environment, probes, ports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from canary.kube.resources import Obj


class Missing(Exception):
    """A ConfigMap, Secret or key of one that the pod needs isn't there."""


Find = Callable[[str, str], Mapping[str, str] | None]
"""The decoded data of a ``ConfigMap`` or ``Secret`` by its name; None if there is none."""


@dataclass(frozen=True, slots=True)
class Probe:
    """When a probe asks what; times in seconds. Without a port there is nothing to ask: it passes.

    ``path`` is empty for a probe that only connects.
    """

    port: int
    path: str
    delay: float
    period: float
    timeout: float
    failures: int


def port_number(container: Obj, port: int | str) -> int:
    """A container port by number or name; 0 if it has none of that name."""
    if isinstance(port, int):
        return port
    named = {entry.get("name"): entry["containerPort"] for entry in container.get("ports") or ()}
    return int(named.get(port, port if port.isdigit() else 0))


def probe(container: Obj, name: str) -> Probe | None:
    """The container's ``readinessProbe`` or ``startupProbe``; exec probes count as passing."""
    spec = container.get(name)
    if not spec:
        return None
    target = spec.get("httpGet") or spec.get("tcpSocket") or spec.get("grpc") or {}
    return Probe(
        port=port_number(container, target.get("port", 0)),
        path=spec["httpGet"].get("path") or "/" if "httpGet" in spec else "",
        delay=float(spec.get("initialDelaySeconds", 0)),
        period=float(spec.get("periodSeconds", 10)),
        timeout=float(spec.get("timeoutSeconds", 1)),
        failures=int(spec.get("failureThreshold", 3)),
    )


def ports(container: Obj) -> list[int]:
    """Ports that the container's process has to serve: its own and those that probes ask."""
    own = {int(entry["containerPort"]) for entry in container.get("ports") or ()}
    probes = [probe(container, name) for name in ("readinessProbe", "startupProbe")]
    return sorted(own | {asked.port for asked in probes if asked and asked.port})


def grace(pod: Obj) -> float:
    """Seconds that the pod may take to end: from its deletion, or else from its spec."""
    asked = pod["metadata"].get("deletionGracePeriodSeconds")
    default = pod["spec"].get("terminationGracePeriodSeconds", 30)
    return float(default if asked is None else asked)


def environment(container: Obj, find: Find) -> dict[str, str]:
    """The container's variables. Raises Missing for a reference that isn't optional."""
    result: dict[str, str] = {}
    for source in container.get("envFrom") or ():
        for kind, field in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
            if reference := source.get(field):
                result |= _data(kind, reference, find) or {}
    for entry in container.get("env") or ():
        value = _value(entry, find)
        if value is not None:
            result[entry["name"]] = value
    return result


def volumes(pod: Obj, find: Find) -> None:
    """Check that the pod's ConfigMap and Secret volumes exist. Raises Missing."""
    for kind, reference in _volume_sources(pod):
        _data(kind, reference, find)


def _volume_sources(pod: Obj) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for volume in pod["spec"].get("volumes") or ():
        for source in (volume, *((volume.get("projected") or {}).get("sources") or ())):
            if "configMap" in source:
                yield "ConfigMap", source["configMap"]
            if "secret" in source:
                secret = source["secret"]
                yield "Secret", {**secret, "name": secret.get("secretName") or secret.get("name")}


def _value(entry: Obj, find: Find) -> str | None:
    source = entry.get("valueFrom")
    if not source:
        return str(entry.get("value", ""))
    for kind, field in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
        if reference := source.get(field):
            data = _data(kind, reference, find)
            if data is not None and reference["key"] in data:
                return data[reference["key"]]
            if reference.get("optional"):
                return None
            raise Missing(f"couldn't find key {reference['key']} in {kind} {reference['name']}")
    return None  # Fields of the pod and resource limits: nobody here reads them.


def _data(kind: str, reference: Mapping[str, Any], find: Find) -> Mapping[str, str] | None:
    data = find(kind, reference["name"])
    if data is None and not reference.get("optional"):
        raise Missing(f'{kind.lower()} "{reference["name"]}" not found')
    return data
