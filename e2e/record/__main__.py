"""``python -m e2e.record``: what the real Flagger 1.44 does, as data for ``tests/transcripts``.

With ``--ours`` this engine plays the scenarios, and is compared with what was recorded.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from canary.kube.errors import ApiError
from canary.sandbox.cluster import keda_crds
from e2e.record import engines
from e2e.record.comparison import differing
from e2e.record.scenario import Scenario
from e2e.record.scenes import SCENARIOS
from e2e.record.take import Take
from e2e.scene import Cluster, Scene
from e2e.stack.apply import documents
from e2e.stack.build import build
from e2e.stack.cache import Cache, cache_folder
from e2e.stack.cluster import Stack
from e2e.stack.commands import BuildFailed
from e2e.stack.namespace import StackError
from e2e.stack.versions import ISTIO_API, pieces

AT_ONCE = 12
SETTLES = {True: 12.0, False: 2.0}
"""Seconds: this engine lets the target drain before it scales it down."""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(prog="python -m e2e.record", description=__doc__)
    result.add_argument("names", nargs="*", default=["*"], help="scenarios, as patterns")
    result.add_argument("--to", type=Path, required=True, help="folder for the files")
    result.add_argument("--at-once", type=int, default=AT_ONCE, help="scenarios side by side")
    result.add_argument("--ours", action="store_true", help="play by this engine, and compare")
    result.add_argument("--list", action="store_true", help="only say which there are")
    return result


async def record(scenarios: Sequence[Scenario], folder: Path, at_once: int, ours: bool) -> int:
    """Record them all; how many failed, or differ where this engine plays."""
    gate = asyncio.Semaphore(at_once)
    logs = Path(tempfile.mkdtemp(prefix="canary-record-"))
    _say(f"logs are in {logs}")
    async with Stack((), say=_say) as stack:
        await stack.apply([*keda_crds(), *documents(*Cache(cache_folder()).manifests(ISTIO_API))])
        cluster = Cluster(stack.client, stack.kubeconfig, logs, stack.prometheus, stack)

        async def one(scenario: Scenario) -> int:
            async with gate:
                try:
                    async with Scene(cluster, scenario.name, None, _say) as scene:
                        plays = engines.ours if ours else engines.flagger
                        take = Take(scene, scenario, plays, SETTLES[ours])
                        found = await take.record()
                        states = take.states() if ours else []
                except (AssertionError, ApiError) as error:
                    _say(f"{scenario.name}: FAILED: {error}")
                    return 1
                (folder / f"{scenario.name}.json").write_text(f"{json.dumps(found)}\n")
                different = differing(found, states) if ours else []
                what = "as recorded" if ours else f"{len(found['timeline'])} states"
                what = "differs" if different else what
                _say("\n".join((f"{scenario.name}: {what}", *different)))
                return 1 if different else 0

        return sum(await asyncio.gather(*(one(scenario) for scenario in scenarios)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Record and write; the exit code."""
    options = parser().parse_args(arguments)
    chosen = [s for n, s in SCENARIOS.items() if any(fnmatch(n, p) for p in options.names)]
    if options.list or not chosen:
        print("\n".join(SCENARIOS))
        return 0 if options.list else 2
    options.to.mkdir(parents=True, exist_ok=True)
    try:
        build(Cache(cache_folder()), pieces(frozenset({"flagger", "istiod"})), _say)
        return 1 if asyncio.run(record(chosen, options.to, options.at_once, options.ours)) else 0
    except (BuildFailed, StackError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
