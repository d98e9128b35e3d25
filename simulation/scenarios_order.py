"""Two Canaries that heed each other: one depends on the other, or they take turns."""

from __future__ import annotations

import json
from typing import Any

from canary.controller.settings import Settings
from simulation.requests import release as redo
from simulation.scenario import at_rest, scenario, set_up
from simulation.world import World
from tests.rig.manifests import setting

BOTH = ("podinfo", "web")


def both(needs: list[dict[str, str]], **parts: Any) -> list[dict[str, Any]]:
    """The setting twice; the second Canary depends on these."""
    first = setting(**parts)
    second: list[dict[str, Any]] = json.loads(json.dumps(first).replace('"podinfo', '"web'))
    for manifest in second:
        if manifest["kind"] == "Deployment":
            manifest["spec"]["template"]["spec"]["containers"][0]["image"] = "podinfo:1.0.0"
        if manifest["kind"] == "Canary":
            manifest["spec"]["engine"] = {"dependsOn": needs}
    return [*first, *second]


def ordered(**parts: Any) -> list[dict[str, Any]]:
    """The second one depends on the first one."""
    return both([{"name": "podinfo"}], **parts)


def unordered(**parts: Any) -> list[dict[str, Any]]:
    """Neither depends on the other."""
    return both([], **parts)


@scenario("depends", canaries=BOTH)
async def depends(world: World) -> None:
    """One commit changes both."""
    await set_up(world, make=ordered)
    redo(world, "2.0.0")
    await world.rest(5)
    await at_rest(world)


@scenario("turns", canaries=BOTH, settings=Settings(max_runs=1))
async def turns(world: World) -> None:
    """One commit changes both, and one may run at a time."""
    await set_up(world, make=unordered)
    redo(world, "2.0.0")
    await world.rest(5)
    await at_rest(world)
