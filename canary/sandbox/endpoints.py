"""EndpointSlices of all Services with a selector, from the pods that match it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from canary.kube.resources import ENDPOINT_SLICES, SERVICES, Key
from canary.sandbox.jsonvalue import JsonObj, same
from canary.sandbox.pods import Pod
from canary.sandbox.server import Server

MANAGER = "kube-controller-manager"
_Pair = tuple[str, str, str]


class Endpoints:
    """Keeps the slices; ``pods`` is the live view of all pods."""

    def __init__(self, server: Server, pods: Mapping[Key, Pod]) -> None:
        self._server = server
        self._pods = pods
        self._selectors: dict[Key, dict[str, str]] = {}
        self._by_pair: dict[_Pair, set[Key]] = {}

    def service_changed(self, key: Key, obj: JsonObj | None) -> None:
        """A Service was created, changed or deleted."""
        for pair in _pairs(key.namespace, self._selectors.pop(key, {})):
            self._by_pair.get(pair, set()).discard(key)
        if obj is None:
            place = Key(key.namespace, _name(key))
            if self._server.storage.get(ENDPOINT_SLICES, place) is not None:
                self._server.storage.remove(ENDPOINT_SLICES, place)
            return
        selector = dict(obj["spec"].get("selector") or {})
        if selector:
            self._selectors[key] = selector
            for pair in _pairs(key.namespace, selector):
                self._by_pair.setdefault(pair, set()).add(key)
        self._write(key, obj)

    def pod_moved(self, pod: Pod) -> None:
        """A pod came, went, or changed its readiness."""
        found: set[Key] = set()
        for pair in _pairs(pod.namespace, pod.labels):
            found |= self._by_pair.get(pair, set())
        for key in sorted(found):
            obj = self._server.storage.get(SERVICES, key)
            if obj is not None and _matches(self._selectors[key], pod.labels):
                self._write(key, obj)

    def _write(self, key: Key, service: JsonObj) -> None:
        place = Key(key.namespace, _name(key))
        selector = self._selectors.get(key, {})
        endpoints = [
            _endpoint(pod)
            for name, pod in sorted(self._pods.items())
            if selector and name.namespace == key.namespace and _matches(selector, pod.labels)
        ]
        body: JsonObj = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "addressType": "IPv4",
            "metadata": {
                "name": place.name,
                "namespace": key.namespace,
                "labels": {"kubernetes.io/service-name": key.name},
                "ownerReferences": [
                    {
                        "apiVersion": "v1",
                        "kind": "Service",
                        "name": key.name,
                        "uid": service["metadata"]["uid"],
                        "controller": True,
                        "blockOwnerDeletion": True,
                    }
                ],
            },
            "endpoints": endpoints,
            "ports": [
                {"name": port.get("name", ""), "port": port["port"], "protocol": port["protocol"]}
                for port in service["spec"].get("ports") or ()
            ],
        }
        live = self._server.storage.get(ENDPOINT_SLICES, place)
        kind = self._server.kind_of("discovery.k8s.io", "v1", "endpointslices")
        writer = self._server.writer
        if live is None:
            writer.create(kind, key.namespace, body, MANAGER)
        elif not same((live.get("endpoints"), live.get("ports")), (endpoints, body["ports"])):
            writer.update(kind, place, body, MANAGER)


def _name(key: Key) -> str:
    return f"{key.name}-slice"


def _pairs(namespace: str, labels: Mapping[str, str]) -> list[_Pair]:
    return [(namespace, name, value) for name, value in labels.items()]


def _matches(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    return all(labels.get(name) == value for name, value in selector.items())


def _endpoint(pod: Pod) -> dict[str, Any]:
    return {
        "addresses": [pod.address],
        "conditions": {
            "ready": pod.ready,
            "serving": pod.ready_since is not None,
            "terminating": pod.ending,
        },
        "targetRef": {"kind": "Pod", "name": pod.name, "namespace": pod.namespace},
    }
