"""Simulated nodes."""

from __future__ import annotations

from canary.kube.resources import Key
from canary.sandbox.server import VERSION, Server

_ROOM = {"cpu": "64", "memory": "256Gi", "pods": "500"}


def add_node(server: Server, name: str) -> None:
    """Add a node that is ready and has room for everything."""
    kind = server.kind_of("", "v1", "nodes")
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}
    body = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "spec": {},
    }
    obj = server.writer.create(kind, "", body, "kubelet")
    ready = {
        "type": "Ready",
        "status": "True",
        "reason": "KubeletReady",
        "message": "the sandbox's kubelet is ready",
        "lastHeartbeatTime": server.writer.now,
        "lastTransitionTime": server.writer.now,
    }
    obj = {
        **obj,
        "status": {
            "capacity": _ROOM,
            "allocatable": _ROOM,
            "conditions": [ready],
            "nodeInfo": {"kubeletVersion": VERSION["gitVersion"]},
        },
    }
    server.writer.update(kind, Key("", name), obj, "kubelet", subresource="status")
