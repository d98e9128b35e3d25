"""What is known of the world, and how surely. Never None, and never 0 for 'no answer'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Present(Generic[T_co]):
    """The object exists, as of the cache."""

    value: T_co


@dataclass(frozen=True, slots=True)
class Absent:
    """It doesn't exist: the cache is in sync and doesn't hold it. ``why`` quotes the API."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing can be said: not synced, not readable, not yet asked. Holds; never passes."""

    why: str


Observed = Present[T_co] | Absent | Unknown
