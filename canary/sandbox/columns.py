"""The printer columns of the built-in kinds.

After https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/printers/internalversion/printers.go
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from canary.kube.resources import (
    CONFIG_MAPS,
    CONTROLLER_REVISIONS,
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
from canary.sandbox.cells import (
    about,
    controller,
    event_count,
    external,
    first_seen,
    last_seen,
    ports,
    slice_endpoints,
    slice_ports,
    source,
)
from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.kinds import NODES
from canary.sandbox.podprint import POD_CELLS, node_cells
from canary.sandbox.printed import NONE, age, at_path, labels, selector

Cell = Callable[[JsonObj, datetime], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, what stands in it, and whether only ``-o wide`` shows it (1)."""

    name: str
    cell: Cell
    type: str = "string"
    priority: int = 0
    description: str = ""

    def definition(self) -> dict[str, Any]:
        """As tables head it."""
        return {
            "name": self.name,
            "type": self.type,
            "format": "name" if self.name == "Name" and not self.priority else "",
            "description": self.description or self.name,
            "priority": self.priority,
        }


def _at(path: str, otherwise: Any = "") -> Cell:
    def cell(obj: JsonObj, now: datetime) -> Any:
        value = at_path(obj, path)
        return otherwise if value is None else value

    return cell


def _number(path: str) -> Cell:
    return _at(path, 0)


_NAME = Column("Name", _at(".metadata.name"))
_AGE = Column("Age", lambda obj, now: age(obj["metadata"].get("creationTimestamp"), now))


def _of_containers(field: str) -> Cell:
    def cell(obj: JsonObj, now: datetime) -> str:
        containers = at_path(obj, ".spec.template.spec.containers") or ()
        return ",".join(one.get(field, "") for one in containers)

    return cell


_WIDE = (
    Column("Containers", _of_containers("name"), priority=1),
    Column("Images", _of_containers("image"), priority=1),
    Column("Selector", lambda obj, now: selector(obj["spec"].get("selector")), priority=1),
)


def _ready(obj: JsonObj, now: datetime) -> str:
    return f"{(obj.get('status') or {}).get('readyReplicas', 0)}/{obj['spec'].get('replicas', 0)}"


def _size(*fields: str) -> Cell:
    return lambda obj, now: sum(len(obj.get(field) or {}) for field in fields)


def _cells(names: Sequence[str], cells: Sequence[Cell], wide: int) -> tuple[Column, ...]:
    """Columns of which the first ``wide`` are always shown."""
    rows = zip(names, cells, strict=True)
    return tuple(Column(n, c, priority=int(i >= wide)) for i, (n, c) in enumerate(rows))


COLUMNS: Mapping[Resource, Sequence[Column]] = {
    NAMESPACES: (_NAME, Column("Status", _at(".status.phase")), _AGE),
    NODES: (
        _NAME,
        *_cells(("Status", "Roles"), node_cells()[:2], 2),
        _AGE,
        Column("Version", _at(".status.nodeInfo.kubeletVersion")),
    ),
    PODS: (
        _NAME,
        *_cells(("Ready", "Status", "Restarts"), POD_CELLS[:3], 3),
        _AGE,
        *_cells(("IP", "Node", "Nominated Node", "Readiness Gates"), POD_CELLS[3:], 0),
    ),
    DEPLOYMENTS: (
        _NAME,
        Column("Ready", _ready),
        Column("Up-to-date", _number(".status.updatedReplicas")),
        Column("Available", _number(".status.availableReplicas")),
        _AGE,
        *_WIDE,
    ),
    REPLICA_SETS: (
        _NAME,
        Column("Desired", _number(".spec.replicas"), "integer"),
        Column("Current", _number(".status.replicas"), "integer"),
        Column("Ready", _number(".status.readyReplicas"), "integer"),
        _AGE,
        *_WIDE,
    ),
    DAEMON_SETS: (
        _NAME,
        Column("Desired", _number(".status.desiredNumberScheduled"), "integer"),
        Column("Current", _number(".status.currentNumberScheduled"), "integer"),
        Column("Ready", _number(".status.numberReady"), "integer"),
        Column("Up-to-date", _number(".status.updatedNumberScheduled"), "integer"),
        Column("Available", _number(".status.numberAvailable"), "integer"),
        Column(
            "Node Selector",
            lambda obj, now: labels(at_path(obj, ".spec.template.spec.nodeSelector")),
        ),
        _AGE,
        *_WIDE,
    ),
    SERVICES: (
        _NAME,
        Column("Type", _at(".spec.type")),
        Column("Cluster-IP", _at(".spec.clusterIPs[0]", NONE)),
        Column("External-IP", external),
        Column("Port(s)", ports),
        _AGE,
        Column("Selector", lambda obj, now: labels(obj["spec"].get("selector")), priority=1),
    ),
    ENDPOINT_SLICES: (
        _NAME,
        Column("AddressType", _at(".addressType")),
        Column("Ports", slice_ports),
        Column("Endpoints", slice_endpoints),
        _AGE,
    ),
    CONFIG_MAPS: (_NAME, Column("Data", _size("data", "binaryData")), _AGE),
    SECRETS: (_NAME, Column("Type", _at(".type")), Column("Data", _size("data")), _AGE),
    CONTROLLER_REVISIONS: (
        _NAME,
        Column("Controller", controller),
        Column("Revision", _number(".revision")),
        _AGE,
    ),
    LEASES: (_NAME, Column("Holder", _at(".spec.holderIdentity")), _AGE),
    EVENTS: (
        Column("Last Seen", last_seen),
        Column("Type", _at(".type")),
        Column("Reason", _at(".reason")),
        Column("Object", about),
        Column("Subobject", _at(".involvedObject.fieldPath"), priority=1),
        Column("Source", source, priority=1),
        Column("Message", lambda obj, now: obj.get("message", "").strip()),
        Column("First Seen", first_seen, priority=1),
        Column("Count", event_count, priority=1),
        Column("Name", _at(".metadata.name"), priority=1),
    ),
}
