"""What an image tag says about the behaviour of its process."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import Any

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}
_TIMED = re.compile(r"(slow|startup|unready|crash|drain)(\d+)(ms|s|m)")
_BAD = re.compile(r"bad(\d{1,3})?")


class UnknownBehaviour(ValueError):
    """The tag has a word without a meaning: such an image can't be pulled."""


class PullFailure(Exception):
    """The tag asks for an image that can't be pulled."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the process of a container behaves.

    Times are in seconds since the process started, ``slow`` is added to each answer, ``drain`` is
    how long it serves after SIGTERM.
    """

    bad: int = 0
    """Percentage of requests that are answered with 500, evenly spread."""
    slow: float = 0.0
    startup: float = 0.0
    """The port opens after this time."""
    ready: bool = True
    unready: float | None = None
    """Readiness is lost after this time."""
    crash: float | None = None
    """The process ends with exit code 1 after this time."""
    drain: float = 1.0
    stubborn: bool = False
    """SIGTERM is ignored: only the end of the grace period ends the process."""

    light: bool = False
    """There is no process: ready at once, for pods that get no traffic."""

    def as_json(self) -> dict[str, Any]:
        """The fields as a JSON object."""
        return asdict(self)


def tag_of(image: str) -> str:
    """The tag of an image reference, ``latest`` without one; a digest isn't part of it."""
    name = image.partition("@")[0].rpartition("/")[2]
    return name.partition(":")[2] or "latest"


def behaviour(image: str) -> Behaviour:
    """The behaviour that the tag's words after the version ask for, e.g. ``2.0.0-bad30-slow1s``.

    Raises UnknownBehaviour for a word that means nothing, PullFailure for ``nopull``.
    """
    result = Behaviour()
    for word in tag_of(image).split("-")[1:]:
        timed, bad = _TIMED.fullmatch(word), _BAD.fullmatch(word)
        if timed:
            name, number, unit = timed.groups()
            changes: dict[str, Any] = {name: int(number) * _SECONDS[unit]}
            result = replace(result, **changes)
        elif bad and int(bad[1] or 30) <= 100:
            result = replace(result, bad=int(bad[1] or 30))
        elif word == "crash":
            result = replace(result, crash=0.0)
        elif word == "neverready":
            result = replace(result, ready=False)
        elif word == "stubborn":
            result = replace(result, stubborn=True)
        elif word == "light":
            result = replace(result, light=True)
        elif word == "nopull":
            raise PullFailure(f"failed to pull image {image!r}: not found")
        else:
            raise UnknownBehaviour(f"{image}: the tag's word {word!r} has no meaning here")
    return result
