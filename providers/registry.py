"""Finding traffic providers, ours and those of third parties, by entry point."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points

from providers.interface import API, Provider

GROUP = "canary.providers"


class UnusableProvider(LookupError):
    """No such provider, or one made for another version of the interface."""


@cache
def installed() -> Mapping[str, Provider]:
    """All providers by name; raises UnusableProvider for one of another interface version."""
    found: dict[str, Provider] = {}
    for point in entry_points(group=GROUP):
        provider: Provider = point.load()
        if provider.api != API:
            raise UnusableProvider(
                f"provider {point.name} speaks interface version {provider.api}, this engine {API}"
            )
        found[point.name] = provider
    return found


def provider(name: str) -> Provider:
    """The provider of that name; raises UnusableProvider naming those that are there."""
    found = installed().get(name)
    if found is None:
        raise UnusableProvider(
            f"provider {name!r} is not supported yet; accepted are {', '.join(sorted(installed()))}"
        )
    return found
