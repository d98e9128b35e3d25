"""What a run came to."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from canary.api.hooks import HookType
from simulation.plan import Boundary, Fault, Plan
from simulation.world import World


def digest(journal: Sequence[str]) -> str:
    """What stands for ``journal``, to the byte."""
    return hashlib.sha256("\n".join(journal).encode()).hexdigest()


_DIGEST = re.compile(r"-e1-[0-9a-f]+$")
"""Of a pin's name: that of what was taken over depends on whether the target still had it then."""


@dataclass
class Result:
    """What a run came to; ``problems`` is empty when every promise was kept."""

    plan: Plan
    journal: list[str] = field(default_factory=list)
    counts: Counter[Boundary] = field(default_factory=Counter)
    methods: dict[int, str] = field(default_factory=dict)
    struck: set[Fault] = field(default_factory=set)
    set_up: str = ""
    """Digest of the journal up to the idle Canary with which the scenario begins; empty if it
    doesn't begin with one."""
    met: Counter[Boundary] = field(default_factory=Counter)
    """Places met by then."""
    spun: bool = False
    safety: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    ends: list[Any] = field(default_factory=list)
    writes: int = 0
    made: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    hooks: Counter[str] = field(default_factory=Counter)
    """Polls of each webhook, those under the same key counted once, and without events."""
    alerts: Counter[str] = field(default_factory=Counter)
    """Messages in chats, those under the same key counted once."""
    statuses: list[tuple[int, str, int]] = field(default_factory=list)
    """Phase and weight of record, each with the second in which it was recorded."""

    @property
    def problems(self) -> list[str]:
        """Everything that is wrong, worst first."""
        return self.safety + self.stuck

    def tally(self, world: World) -> None:
        """Count what was done so far."""
        made = (
            _DIGEST.sub("", what)
            for _, what in world.written
            if what.startswith(("POST", "DELETE"))
        )
        self.writes, self.made = len(world.written), Counter(made)
        self.events = Counter(text for _, text in world.events())
        asked = {(p.hook, p.key) for p in world.polled if p.type is not HookType.EVENT}
        self.hooks = Counter(hook for hook, _ in asked)
        self.alerts = Counter(text for text, _ in {(m.text, m.key) for m in world.chat.messages})

    @property
    def trace(self) -> str:
        """Digest of the whole journal."""
        return digest(self.journal)
