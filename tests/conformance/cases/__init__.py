"""Requests that the engine, kubectl and users' tools send, and what an API server answers.

The answers are those of kube-apiserver 1.36.3, to which every case was sent when it was written;
`make conformance` sends all of them again. A case that needs a controller of the cluster
(garbage collection, namespaces) says so by waiting on a watch.
"""

from __future__ import annotations

from tests.conformance.cases import (
    applying,
    autoscaling,
    custom,
    decoding,
    defaulting,
    deleting,
    discovering,
    managing,
    patching,
    reading,
    scaling,
    schemas,
    strategic,
    tables,
    updating,
    watching,
    workloads,
)
from tests.conformance.cases.registry import CASES, Case

__all__ = [
    "CASES",
    "Case",
    "applying",
    "autoscaling",
    "custom",
    "decoding",
    "defaulting",
    "deleting",
    "discovering",
    "managing",
    "patching",
    "reading",
    "scaling",
    "schemas",
    "strategic",
    "tables",
    "updating",
    "watching",
    "workloads",
]
