"""Plans: which scenario is played, on which schedule, and what goes wrong where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Boundary(StrEnum):
    """Where the engine meets the world. Each meeting is a place, counted from 1."""

    API = "api"
    """Requests to the API server, but for the Lease's."""
    LEASE = "lease"
    """Requests about the Lease."""
    WATCH = "watch"
    """Events of watches, as they are about to be delivered."""
    QUESTION = "question"
    """Questions to the outside that are no API request: metric queries, hooks."""
    CLOCK = "clock"
    """Readings of the wall clock."""
    ACT = "act"
    """Writes of the engine, as the moments at which users act: just before each of them."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """``kind`` happens at the ``at``-th meeting of ``boundary``, and at ``times`` in a row."""

    boundary: Boundary
    at: int
    kind: str
    times: int = 1

    def __str__(self) -> str:
        more = f"*{self.times}" if self.times > 1 else ""
        return f"{self.kind}@{self.boundary}:{self.at}{more}"

    @classmethod
    def parse(cls, text: str) -> Fault:
        """A fault from its text; raises ValueError."""
        found = re.fullmatch(r"([\w+-]+)@(\w+):(\d+)(?:\*(\d+))?", text)
        if found is None:
            raise ValueError(
                f"{text!r} is no fault: KIND@BOUNDARY:PLACE or KIND@BOUNDARY:PLACE*TIMES"
            )
        kind, boundary, at, times = found.groups()
        return cls(Boundary(boundary), int(at), kind, int(times or 1))


@dataclass(frozen=True, slots=True)
class Plan:
    """One run of the simulator. The same plan gives the same trace, to the byte.

    ``seed`` draws the schedule: the latency of each request and each watch event.
    """

    scenario: str
    seed: int = 0
    faults: tuple[Fault, ...] = field(default=())

    def __str__(self) -> str:
        return " ".join([self.scenario, f"seed={self.seed}", *map(str, self.faults)])

    @classmethod
    def parse(cls, words: list[str]) -> Plan:
        """A plan from the words of its text; raises ValueError."""
        if len(words) < 2 or not re.fullmatch(r"seed=\d+", words[1]):
            raise ValueError("a plan is: SCENARIO seed=NUMBER FAULT...")
        return cls(words[0], int(words[1][5:]), tuple(Fault.parse(word) for word in words[2:]))

    def by_place(self) -> Mapping[tuple[Boundary, int], Fault]:
        """The fault of each place that has one; the first one named counts."""
        found: dict[tuple[Boundary, int], Fault] = {}
        for fault in self.faults:
            for place in range(fault.at, fault.at + fault.times):
                found.setdefault((fault.boundary, place), fault)
        return found
