"""No traffic provider: plain Services, the apex of which leads to the primary (providers 17)."""

from __future__ import annotations

from collections.abc import Sequence

from providers.interface import (
    API,
    Capability,
    Context,
    Desired,
    Liveness,
    Object,
    ObjectKind,
    Problem,
    Reading,
    Routing,
)


class Kubernetes:
    """The provider ``kubernetes``: it has no weights, so users stay on the primary throughout.

    The canary is reached through its own Service only, by tests and metrics.
    """

    api = API
    name = "kubernetes"
    kinds: Sequence[ObjectKind] = ()
    capabilities: frozenset[Capability] = frozenset()
    confirms = True

    def problems(self, canary: Object) -> Sequence[Problem]:
        """None: there is no routing object to be wrong."""
        return ()

    def names(self, canary: Object) -> Sequence[tuple[ObjectKind, str]]:
        """None."""
        return ()

    def desired(self, context: Context, routing: Routing) -> Sequence[Desired]:
        """None, whatever the weights."""
        return ()

    def read(self, context: Context) -> Reading:
        """All users are on the primary, and nothing has to be waited for."""
        return Reading(Routing(100, 0), Liveness.LIVE)


PROVIDER = Kubernetes()
