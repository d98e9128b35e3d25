"""Where two objects differ, field by field, and why that is meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Path = tuple[str, ...]

EXPLAINED: Mapping[tuple[str, Path], str] = {
    ("Deployment/app-primary", ("metadata", "annotations", "owner")): (
        "D32: annotations are filtered at creation as they are at a promotion"
    ),
    ("HTTPRoute/app", ("spec", "rules", "0", "matches", "0", "headers", "0", "value")): (
        "providers D39: a cookie is found by an escaped and anchored expression"
    ),
}
"""By object and field: the number in ``docs/defects.md``, and what it says."""

_ABSENT = "absent"


@dataclass(frozen=True)
class Difference:
    """One field of one object: what Flagger has there, and what this engine has."""

    where: str
    path: Path
    theirs: Any
    ours: Any

    @property
    def why(self) -> str:
        """Why it is meant to differ; empty where it isn't."""
        return EXPLAINED.get((self.where, self.path), "")

    def __str__(self) -> str:
        why = self.why or "NOT EXPLAINED"
        return f"{self.where} {'.'.join(self.path)}: {self.theirs!r} -> {self.ours!r} ({why})"


def differences(where: str, theirs: Any, ours: Any, path: Path = ()) -> Iterator[Difference]:
    """Every field that differs, as deep as it goes."""
    if isinstance(theirs, Mapping) and isinstance(ours, Mapping):
        for key in sorted({*theirs, *ours}):
            one, two = theirs.get(key, _ABSENT), ours.get(key, _ABSENT)
            yield from differences(where, one, two, (*path, key))
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for number, (one, two) in enumerate(zip(theirs, ours, strict=True)):
            yield from differences(where, one, two, (*path, str(number)))
    elif theirs != ours:
        yield Difference(where, path, theirs, ours)
