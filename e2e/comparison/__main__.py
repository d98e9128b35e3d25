"""``python -m e2e.comparison``: the figures of this engine beside those of Flagger 1.44."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from e2e.comparison.candidates import Candidate
from e2e.comparison.figures import measure
from e2e.comparison.fleet import Plan
from e2e.comparison.table import machine, table
from e2e.stack.build import build
from e2e.stack.cache import Cache, cache_folder
from e2e.stack.commands import BuildFailed
from e2e.stack.namespace import StackError
from e2e.stack.versions import pieces


def parser() -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(prog="python -m e2e.comparison", description=__doc__)
    result.add_argument(
        "sizes",
        nargs="*",
        default=["200/40", "1000/200"],
        metavar="CANARIES/PROGRESSING",
        help="sizes to measure; default: 200/40 1000/200",
    )
    result.add_argument("--idle", type=float, default=60.0, help="seconds of idleness, default 60")
    result.add_argument("--alone", action="store_true", help="this engine only")
    result.add_argument(
        "--flag",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a flag of this engine that isn't at its default, such as kubeconfig-qps=1000",
    )
    return result


def size(text: str, idle: float) -> Plan:
    """``200/40`` as a plan. Raises ValueError, which says what is accepted."""
    canaries, slash, progressing = text.partition("/")
    if not (slash and canaries.isdigit() and progressing.isdigit()):
        raise ValueError(f"{text!r}: accepted is CANARIES/PROGRESSING, such as 200/40")
    plan = Plan(int(canaries), int(progressing), idle)
    if not 0 < plan.progressing <= plan.canaries:
        raise ValueError(f"{text!r}: of {canaries} Canaries 1 to {canaries} can progress")
    return plan


async def compare(plan: Plan, flags: Sequence[str], *, alone: bool) -> str:
    """The table of one size."""
    theirs = () if alone else (await measure(Candidate.flagger(), plan, _say),)
    return table(plan, await measure(Candidate.ours(flags), plan, _say), *theirs)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code."""
    options = parser().parse_args(arguments)
    try:
        plans = [size(text, options.idle) for text in options.sizes]
        build(Cache(cache_folder()), pieces(frozenset({"flagger"})), _say)
        for plan in plans:
            found = asyncio.run(compare(plan, options.flag, alone=options.alone))
            print(f"\n{found}\n\n{machine()}\n", flush=True)
    except (ValueError, BuildFailed, StackError, RuntimeError, AssertionError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
