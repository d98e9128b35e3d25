"""Finding metric sources, ours and those of third parties, by entry point."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points

from analysis.interface import API, Source, SourceError

GROUP = "canary.metrics"


@cache
def installed() -> Mapping[str, Source]:
    """All sources by type; raises SourceError for one of another interface version."""
    return {point.name: usable(point.name, point.load()) for point in entry_points(group=GROUP)}


def usable(name: str, source: Source) -> Source:
    """``source``, if it speaks this version of the interface; else raises SourceError."""
    if source.api != API:
        raise SourceError(
            f"metrics source {name} speaks interface version {source.api}, this engine {API}"
        )
    return source


def source(type_: str, sources: Mapping[str, Source]) -> Source:
    """The source for ``spec.provider.type``; raises SourceError naming those that are there."""
    found = sources.get(type_)
    if found is None:
        accepted = ", ".join(sorted(sources))
        raise SourceError(
            f'metrics provider "{type_}" is not supported yet; accepted are {accepted}'
        )
    return found
