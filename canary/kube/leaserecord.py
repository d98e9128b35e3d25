"""What a Lease says, and the versions of it that a candidate writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from canary.kube.resources import Obj


def spec_of(lease: Obj) -> Mapping[str, Any]:
    """The record itself; empty in a Lease that nobody ever filled."""
    found: Mapping[str, Any] = lease.get("spec") or {}
    return found


def holder(lease: Obj) -> str:
    """Identity of the process that leads; empty if none does."""
    return str(spec_of(lease).get("holderIdentity") or "")


def new(namespace: str, name: str) -> dict[str, Any]:
    """A Lease that nobody holds, to be taken and created."""
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": name, "namespace": namespace},
    }


def taken(lease: Obj, identity: str, seconds: float, now: datetime) -> dict[str, Any]:
    """``lease`` in new hands."""
    before = spec_of(lease).get("leaseTransitions")
    spec = {
        "holderIdentity": identity,
        "leaseDurationSeconds": int(seconds),
        "acquireTime": _micro_time(now),
        "renewTime": _micro_time(now),
        "leaseTransitions": 0 if before is None else int(before) + 1,
    }
    return {**lease, "spec": spec}


def renewed(lease: Obj, now: datetime) -> dict[str, Any]:
    """``lease`` in the same hands, as of now."""
    return {**lease, "spec": {**spec_of(lease), "renewTime": _micro_time(now)}}


def released(lease: Obj, now: datetime) -> dict[str, Any]:
    """``lease`` given back, as client-go does it: the next candidate needn't wait."""
    spec = {
        **spec_of(lease),
        "holderIdentity": "",
        "leaseDurationSeconds": 1,
        "acquireTime": _micro_time(now),
        "renewTime": _micro_time(now),
    }
    return {**lease, "spec": spec}


def _micro_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
