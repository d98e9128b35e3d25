"""``python -m bench``: print all figures, or those that are named."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench.commands import help_figures
from bench.idle import idle_figures
from bench.manifests import Plan
from bench.rollout import rollout_figures
from bench.sandbox import sandbox_figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line for each figure as it is found."""
    parser = _parser()
    given = parser.parse_args(arguments)
    plan = Plan(steps=given.steps, interval=given.interval)
    # A shorter interval than the default floor is for trying this out.
    floor = (f"-interval-floor={given.interval:g}s",) if given.interval < 10 else ()
    flags = (*floor, *(f"-{flag}" for flag in given.flag))
    parts: dict[str, Callable[[], Iterator[str]]] = {
        "help": lambda: help_figures(given.repeat * 5),
        "sandbox": lambda: sandbox_figures(given.repeat),
        "idle": lambda: idle_figures(given.few, given.canaries, given.repeat, given.rest),
        "rollout": lambda: rollout_figures(given.canaries, given.progressing, plan, flags),
    }
    if unknown := set(given.only) - set(parts):
        parser.error(f"no figure is called {', '.join(sorted(unknown))}")
    print(machine(), flush=True)
    for name in given.only or parts:
        for line in parts[name]():
            print(line, flush=True)
    print(load(), flush=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="FIGURE", help="help, sandbox, idle or rollout")
    parser.add_argument("--canaries", type=int, default=1000)
    parser.add_argument("--few", type=int, default=100, help="the smaller size for memory")
    parser.add_argument("--progressing", type=int, default=200)
    parser.add_argument("--steps", type=int, default=5, help="of each Canary, to 50 %%")
    parser.add_argument("--interval", type=float, default=10.0, help="seconds of a step")
    parser.add_argument("--repeat", type=int, default=3, help="starts; the least counts")
    parser.add_argument(
        "--flag",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="of the engine, in rollout",
    )
    parser.add_argument("--rest", type=float, default=20.0, help="seconds watched at rest")
    return parser


def machine() -> str:
    """Processor, system and Python of this machine, one line."""
    text = Path("/proc/cpuinfo").read_text()
    models = [line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line]
    return (
        f"machine: {models[0] if models else platform.machine()}, {os.cpu_count()} CPUs, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


def load() -> str:
    """How busy the machine was: a busy one makes times longer, CPU time and memory hardly."""
    return "load average at the end: {:.1f} {:.1f} {:.1f}".format(*os.getloadavg())


if __name__ == "__main__":
    sys.exit(main())
