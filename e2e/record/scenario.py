"""What is recorded: manifests, what is changed and when, and what the servers around answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Obj = dict[str, Any]
When = Mapping[str, Any]
"""What has to hold: fields of the Canary's status by name; ``gone``, that there is no Canary any
more; ``replicas``, of workloads by name."""


@dataclass(frozen=True)
class Scenario:
    """One recording to make.

    ``trigger`` are changes in their order, each once its ``when`` holds and ``after`` seconds have
    passed. The recording ends ``rest`` seconds after ``ends`` holds. ``answers`` are the values of
    metrics in the order in which they are asked for, by a part of the query, the last one repeated,
    None for no value; ``hooks`` the codes of webhooks alike. ``flags`` are Flagger's own.
    """

    name: str
    applied: Sequence[Obj]
    trigger: Sequence[Obj]
    ends: When = field(default_factory=lambda: {"phase": "Succeeded"})
    rest: float = 12.0
    answers: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    hooks: Mapping[str, Sequence[int]] = field(default_factory=dict)
    flags: Sequence[str] = ()


SCENARIOS: dict[str, Scenario] = {}


def record(name: str, applied: Sequence[Obj], *trigger: Obj, **more: Any) -> None:
    """Have a scenario among those that are recorded."""
    if name in SCENARIOS:
        raise ValueError(f"two scenarios are called {name}")
    SCENARIOS[name] = Scenario(name, applied, trigger, **more)
