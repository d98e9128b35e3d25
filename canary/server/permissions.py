"""What the engine may do, and nothing else: checked at the start, granted by the manifests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from canary.kube.resources import (
    ALERT_PROVIDERS,
    AUTOSCALERS,
    CANARIES,
    CONFIG_MAPS,
    CONTROLLER_REVISIONS,
    CRDS,
    DAEMON_SETS,
    DEPLOYMENTS,
    ENDPOINT_SLICES,
    EVENTS,
    LEASES,
    METRIC_TEMPLATES,
    REPLICA_SETS,
    SCALED_OBJECTS,
    SECRETS,
    SERVICES,
    Resource,
)
from providers.interface import Provider


class Scope(StrEnum):
    """Where a permission is needed."""

    CLUSTER = "cluster"
    """Of a resource without namespaces."""
    WATCHED = "watched"
    """In every namespace that is watched."""
    ELECTION = "election"
    """In the namespace of the Lease, with leader election only."""


@dataclass(frozen=True, slots=True)
class Permission:
    """``verbs`` on ``resource``; a subresource is part of its plural (``canaries/status``)."""

    resource: Resource
    verbs: tuple[str, ...]
    scope: Scope = Scope.WATCHED

    @property
    def target(self) -> str:
        """The resource as people name it: ``canaries.flagger.app/status``."""
        plural, slash, subresource = self.resource.plural.partition("/")
        group = f".{self.resource.group}" if self.resource.group else ""
        return f"{plural}{group}{slash}{subresource}"


_SEE: Final = ("list", "watch")
_OWN: Final = ("get", "list", "watch", "create", "patch")
_RELEASE: Final = (*_OWN, "delete")
"""Nothing of it is ever deleted. But where the API server enforces it (admission plugin
OwnerReferencesPermissionEnforcement), whoever changes the owners of an object has to be allowed to
delete it, and what outlives its Canary loses one."""


def _part(resource: Resource, subresource: str) -> Resource:
    return resource._replace(plural=f"{resource.plural}/{subresource}")


TABLE: Final = (
    Permission(CRDS, ("get",), Scope.CLUSTER),
    # A Canary that reverts on deletion gets a finalizer.
    Permission(CANARIES, (*_SEE, "patch")),
    Permission(_part(CANARIES, "status"), ("update",)),
    # Where the API server enforces it, owning an object in the Canary's name needs this.
    Permission(_part(CANARIES, "finalizers"), ("update",)),
    Permission(METRIC_TEMPLATES, _SEE),
    Permission(ALERT_PROVIDERS, _SEE),
    Permission(DEPLOYMENTS, ("list", "watch", "create", "patch")),
    Permission(_part(DEPLOYMENTS, "scale"), ("update",)),
    Permission(DAEMON_SETS, ("list", "watch", "create", "patch")),
    Permission(SERVICES, _RELEASE),
    Permission(AUTOSCALERS, ("list", "watch", "create", "patch")),
    Permission(SCALED_OBJECTS, ("list", "watch", "create", "patch")),
    # A takeover looks whether the target changed after Flagger's last word.
    Permission(REPLICA_SETS, ("list",)),
    # Copies of immutable ones can only be made anew.
    Permission(CONFIG_MAPS, (*_OWN, "delete")),
    Permission(SECRETS, (*_OWN, "delete")),
    Permission(CONTROLLER_REVISIONS, ("list", "watch", "create", "delete")),
    Permission(ENDPOINT_SLICES, ("list", "watch")),
    Permission(EVENTS, ("create",)),
    Permission(LEASES, ("get", "create", "update"), Scope.ELECTION),
)
"""All that doesn't depend on traffic providers."""


def permissions(providers: Mapping[str, Provider]) -> tuple[Permission, ...]:
    """The table, and the kinds that ``providers`` write."""
    return (*TABLE, *_routing(providers.values()))


def _routing(providers: Iterable[Provider]) -> list[Permission]:
    kinds = sorted({kind for provider in providers for kind in provider.kinds})
    return [
        Permission(
            Resource(kind.group, kind.version, kind.plural, kind.kind),
            _RELEASE if kind.outlives else _OWN,
        )
        for kind in kinds
    ]
