"""What stands in the cells of tables of Services, Events and the like."""

from __future__ import annotations

from datetime import datetime

from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.printed import NONE, age, at_path, first_three


def ports(obj: JsonObj, now: datetime) -> str:
    """The ports of a Service."""
    ports = []
    for port in obj["spec"].get("ports") or ():
        node = f":{port['nodePort']}" if port.get("nodePort") else ""
        ports.append(f"{port['port']}{node}/{port['protocol']}")
    return ",".join(ports) or NONE


def external(obj: JsonObj, now: datetime) -> str:
    """Where a Service can be reached from outside."""
    spec = obj["spec"]
    if spec["type"] == "ExternalName":
        return str(spec.get("externalName", ""))
    ingress = at_path(obj, ".status.loadBalancer.ingress") or ()
    found = [one.get("ip") or one.get("hostname") for one in ingress]
    found += spec.get("externalIPs") or ()
    return ",".join(found) or ("<pending>" if spec["type"] == "LoadBalancer" else NONE)


def about(obj: JsonObj, now: datetime) -> str:
    """What an Event is about."""
    about = obj.get("involvedObject") or {}
    kind = str(about.get("kind", "")).lower()
    return f"{kind}/{about['name']}" if about.get("name") else kind


def last_seen(obj: JsonObj, now: datetime) -> str:
    """When an Event happened last."""
    return (
        age(at_path(obj, ".series.lastObservedTime") or obj.get("lastTimestamp"), now)
        if (obj.get("series") or obj.get("lastTimestamp"))
        else first_seen(obj, now)
    )


def first_seen(obj: JsonObj, now: datetime) -> str:
    """When an Event happened first."""
    return age(obj.get("firstTimestamp") or obj.get("eventTime"), now)


def source(obj: JsonObj, now: datetime) -> str:
    """Who reported an Event."""
    source = obj.get("source") or {}
    parts = [
        source.get("component") or obj.get("reportingComponent", ""),
        source.get("host") or obj.get("reportingInstance", ""),
    ]
    return ", ".join(part for part in parts if part)


def controller(obj: JsonObj, now: datetime) -> str:
    """The controller of an object."""
    owners = obj["metadata"].get("ownerReferences") or ()
    for owner in owners:
        if owner.get("controller"):
            group, slash, _ = owner["apiVersion"].partition("/")
            suffix = f".{group}" if slash else ""
            return f"{owner['kind'].lower()}{suffix}/{owner['name']}"
    return NONE


def slice_ports(obj: JsonObj, now: datetime) -> str:
    """The ports of an EndpointSlice."""
    return first_three([str(port.get("port") or "*") for port in obj.get("ports") or ()])


def slice_endpoints(obj: JsonObj, now: datetime) -> str:
    """The addresses in an EndpointSlice."""
    endpoints = obj.get("endpoints") or ()
    return first_three([address for one in endpoints for address in one.get("addresses") or ()])


def event_count(obj: JsonObj, now: datetime) -> int:
    """How often an Event happened."""
    return int(at_path(obj, ".series.count") or obj.get("count") or 1)
