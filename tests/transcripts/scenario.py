"""What a scenario is: its script, and where this engine means to differ from Flagger's rows.

The rows themselves are data (``data/rows.yaml``). ``upto`` is the last of them (T) that is kept,
``then`` what follows instead, with the defect of ``docs/defects.md`` or the rule of
``docs/design.md`` that asks for it. ``of`` names the scenario whose rows they are, where it isn't
the same. ``instead`` maps a text that the kept rows tell to the one that is told here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from canary.sandbox.pods import Behaviour
from tests.transcripts.script import Script

COPYING = "N Copying podinfo.test template spec to podinfo-primary.test"
HALT = "W Halt podinfo.test advancement success rate 90.00% < 99%"
STARTING = "N Starting canary analysis for podinfo.test"
INITIALIZED = (
    "N Initialization done! podinfo.test; "
    "A[info] New Deployment detected, initialization completed."
)
NEW = (
    "N New revision detected! Scaling up podinfo.test; "
    "A[info] New revision detected, progressing canary analysis."
)
COMPLETED = (
    "N Promotion completed! Scaling down podinfo.test; "
    "A[info] Canary analysis completed successfully, promotion finished."
)
FINISH = (
    "|Finalising|0|0|0|100/0/-|2/2|N Routing all traffic to primary|",
    f"|Succeeded|0|0|0|100/0/-|0/2|{COMPLETED}|",
)
STUCK = (
    'podinfo-primary.test not ready: deployment "podinfo-primary" exceeded its progress deadline'
)


@dataclass(frozen=True)
class Scenario:
    play: Callable[[Script], Awaitable[None]]
    upto: int = 99
    then: tuple[str, ...] = ()
    cites: str = ""
    behaves: Callable[[Mapping[str, Any]], Behaviour] = lambda template: Behaviour()
    of: str = ""
    instead: Mapping[str, str] = field(default_factory=dict)


def hooks(**types: str) -> dict[str, Any]:
    """``webhooks`` of an analysis by name and type, in this order; they end in ``hook.test``."""
    return {
        "webhooks": [
            {"name": name, "type": kind, "url": f"http://hook.test/{name}"}
            for name, kind in types.items()
        ]
    }


SCENARIOS: dict[str, Scenario] = {}


def scenario(name: str, **parts: Any) -> Callable[[Any], Any]:
    def register(play: Callable[[Script], Awaitable[None]]) -> Any:
        SCENARIOS[name] = Scenario(play, **parts)
        return play

    return register


def rollout(**analysis: Any) -> Callable[[Script], Awaitable[None]]:
    """A new image that passes."""

    async def play(script: Script) -> None:
        await script.initialized(analysis=analysis)
        await script.image("2.0.0")
        await script.reaches("Succeeded")
        await script.stage.rest(120)

    return play


def slow_primary(template: Mapping[str, Any]) -> Behaviour:
    """Pods of the primary need a while, so that a script can act while it rolls over."""
    primary = template["metadata"]["labels"]["app"].endswith("-primary")
    return Behaviour(starts_in=20.0 if primary else 0.0)
