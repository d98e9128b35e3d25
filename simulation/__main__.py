"""``python -m simulation``: run plans, show what breaks, and play it again."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from simulation import plans
from simulation.closing import DOUBLE, RANDOM, SINGLE, Figures, Incomplete, closing, keep, kept
from simulation.mutants.command import arguments as mutant_arguments
from simulation.mutants.command import command as hunt
from simulation.mutants.hunt import every
from simulation.mutants.tally import tally
from simulation.plan import Plan
from simulation.result import Result
from simulation.run import judge, undisturbed
from simulation.scenarios import SCENARIOS
from simulation.shrink import shrunk
from simulation.sweep import Summary, Verdict, quiet, sweep
from simulation.timeline import timeline


def main(words: Sequence[str] | None = None) -> int:
    """0 when every promise was kept, 1 when one was broken, 2 for a wrong command."""
    options = _parser().parse_args(words)
    run: Callable[[argparse.Namespace], int] = options.run
    if run not in (_closing, hunt):  # they simulate nothing, or see to it themselves
        quiet()
    return run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1)
    common.add_argument("--scenario", action="append", choices=sorted(SCENARIOS))
    common.add_argument("--figures", type=Path, help="add what it came to, to this file")
    common.add_argument("--stop-after", type=int, default=10, help="failures; 0: never")

    listing = commands.add_parser("list", help="the scenarios and their boundaries")
    listing.set_defaults(run=_list)
    single = commands.add_parser("singles", help="single-fault plans", parents=[common])
    single.add_argument("--sample", type=int, default=0, help="of each scenario; 0: all of them")
    single.add_argument(
        "--share", type=_share, default=(1, 1), metavar="K/N", help="one of N equal shares"
    )
    single.add_argument("--crashes", action="store_true", help="only crashes at writes")
    single.set_defaults(run=_singles)
    pair = commands.add_parser("pairs", help="plans of two faults", parents=[common])
    pair.add_argument("--sample", type=int, default=100, help="of each scenario")
    pair.add_argument("--seed", type=int, default=0)
    pair.set_defaults(run=_pairs)
    random = commands.add_parser("swarm", help="random plans", parents=[common])
    random.add_argument("--plans", type=int, default=10_000)
    random.add_argument("--seed", type=int, default=0)
    random.set_defaults(run=_swarm)
    both = commands.add_parser(
        "both", help="single-fault plans, then random ones", parents=[common]
    )
    both.add_argument("--sample", type=int, default=5, help="single-fault plans of each scenario")
    both.add_argument("--plans", type=int, default=10_000, help="random plans")
    both.add_argument("--seed", type=int, default=0)
    both.set_defaults(run=_both, share=(1, 1), crashes=False)
    sums = commands.add_parser("closing", help="the closing line of parts that were run")
    sums.add_argument("figures", type=Path, help="the file that they added to")
    sums.add_argument("--mutants", type=Path, help="directory of a hunt, which counts as well")
    sums.set_defaults(run=_closing)
    replay = commands.add_parser("replay", help="play one plan and show its timeline")
    replay.add_argument("plan", nargs="+", help="SCENARIO seed=NUMBER FAULT...")
    replay.add_argument("--all", action="store_true", help="every line of the journal")
    replay.set_defaults(run=_replay)
    mutants = commands.add_parser("mutants", help="break the engine and see it caught")
    mutant_arguments(mutants)
    mutants.set_defaults(run=hunt)
    return parser


def _share(text: str) -> tuple[int, int]:
    number, _, shares = text.partition("/")
    if not 1 <= int(number) <= int(shares):
        raise argparse.ArgumentTypeError(f"{text} is not K/N with K from 1 to N")
    return int(number), int(shares)


def _list(options: argparse.Namespace) -> int:
    for name in sorted(SCENARIOS):
        counts = undisturbed(name).counts
        places = ", ".join(f"{boundary} {number}" for boundary, number in sorted(counts.items()))
        print(f"{name:12} {len(list(plans.singles(name))):6} single-fault plans; {places}")
    return 0


def _chosen(options: argparse.Namespace) -> list[str]:
    return options.scenario or sorted(SCENARIOS)


def _singles(options: argparse.Namespace) -> int:
    make = plans.crashes if options.crashes else plans.singles
    found = [
        plan
        for name in _chosen(options)
        for plan in plans.share(plans.sampled(list(make(name)), options.sample), *options.share)
    ]
    return _run(SINGLE, options, found)


def _pairs(options: argparse.Namespace) -> int:
    found = [
        plan
        for name in _chosen(options)
        for plan in plans.pairs(name, options.sample, options.seed)
    ]
    return _run(DOUBLE, options, found)


def _swarm(options: argparse.Namespace) -> int:
    found = list(plans.swarm(options.plans, options.seed, options.scenario))
    return _run(RANDOM, options, found)


def _both(options: argparse.Namespace) -> int:
    """In one process, which knows the fault-free runs when the random plans begin."""
    return max(_singles(options), _swarm(options))


def _run(what: str, options: argparse.Namespace, found: list[Plan]) -> int:
    return _report(what, options, sweep(found, options.jobs, _told, most=options.stop_after))


def _told(verdict: Verdict) -> None:
    """One line for a failure when it comes: a sweep may go on for long."""
    print(f"failed    {verdict.plan}: {verdict.problems[:2]}", file=sys.stderr, flush=True)


def _report(what: str, options: argparse.Namespace, summary: Summary) -> int:
    """Each failure with its shrunk plan and timeline, then one line with the figures."""
    for verdict in summary.failed:
        wanted = bool(verdict.safety)

        def fails(plan: Plan, wanted: bool = wanted) -> bool:
            found = judge(plan)
            return bool(found.safety if wanted else found.problems)

        small = verdict.plan if verdict.mismatch else shrunk(verdict.plan, fails)
        print(f"\nFAILED    {verdict.plan}{' (replay mismatch)' if verdict.mismatch else ''}")
        print("\n".join(timeline(judge(small))))
    names = _chosen(options)
    figures = Figures(
        part=what,
        scenarios=names,
        boundaries=sum(sum(undisturbed(name).counts.values()) for name in names),
        known=sum(1 for name in names for _ in plans.singles(name)),
        plans=summary.plans,
        safety=summary.safety,
        stuck=summary.stuck,
        mismatches=summary.mismatches,
        replayed=summary.replayed,
        seconds=summary.seconds,
    )
    print(figures)
    if options.figures is not None:
        keep(options.figures, figures)
    return 1 if summary.failed else 0


def _closing(options: argparse.Namespace) -> int:
    try:
        line, fine = closing(kept(options.figures))
        if options.mutants is not None:
            caught, all_caught = tally(list(every()), options.mutants / "fates.jsonl")
            line, fine = f"{line}, {caught}", fine and all_caught
    except (OSError, ValueError, TypeError, Incomplete) as error:
        print(f"closing: {error}", file=sys.stderr)
        return 2
    print(line)
    return 0 if fine else 1


def _replay(options: argparse.Namespace) -> int:
    try:
        plan = Plan.parse(options.plan)
        result: Result = judge(plan)
    except (KeyError, ValueError) as error:
        print(f"replay: {error}", file=sys.stderr)
        return 2
    print("\n".join(result.journal if options.all else timeline(result)))
    print(f"trace     {result.trace}")
    return 1 if result.problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
