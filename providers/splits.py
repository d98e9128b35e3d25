"""From the rules of a live route to the routing that they carry together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from providers.interface import Affinity, Routing


@dataclass(frozen=True, slots=True)
class Split:
    """One live rule that leads to primary and canary, and to nothing else.

    ``pair`` is the cookie whose bearers it is for, empty when it is for everybody; ``expires``: it
    tells them to forget it. ``mirrors``: it sends the canary a copy.
    """

    primary: int
    canary: int
    pair: str = ""
    expires: bool = False
    mirrors: bool = False


def routing(found: Sequence[Split]) -> Routing | None:
    """What the rules say together; None where those for everybody disagree, don't sum to 100, or
    aren't there, or where a rule for bearers of a cookie is none that the engine makes."""
    shares = {(split.primary, split.canary) for split in found if not split.pair}
    if len(shares) != 1 or sum(next(iter(shares))) != 100:
        return None
    held = {"canary": "", "primary": "", "previous": ""}
    for split in found:
        if not split.pair:
            continue
        kind = _kind(split)
        if kind == "" or held[kind] not in ("", split.pair):
            return None
        held[kind] = split.pair
    mirrors = all(split.mirrors for split in found if not split.pair)
    affinity = Affinity(**held) if any(held.values()) else None
    return Routing(*next(iter(shares)), mirror=mirrors, affinity=affinity)


def shown(found: Sequence[Split]) -> str:
    """The splits as messages spell them, each once."""
    shares = sorted({(split.primary, split.canary) for split in found})
    return ", ".join(f"{primary}/{canary}" for primary, canary in shares) or "none"


def _kind(split: Split) -> str:
    """Which cookie of Affinity the bearers of this one have; empty for none."""
    if (split.primary, split.canary) == (0, 100) and not split.expires:
        return "canary"
    if (split.primary, split.canary) == (100, 0):
        return "previous" if split.expires else "primary"
    return ""
