"""``canary demo``: a good and a bad revision, from a commit to their end, before your eyes."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Sequence
from pathlib import Path

import canary

_EXAMPLE = Path(canary.__file__).parents[1] / "examples" / "demo"


def parser(program: str) -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog=f"{program} demo",
        description="Start a sandbox and the engine, commit a good and a bad revision to a local "
        "Git repository, and watch. Ends by itself; 0 only if the good one was promoted and the "
        "bad one rolled back.",
        allow_abbrev=False,
    )
    made.add_argument(
        "--manifests",
        type=Path,
        default=_EXAMPLE,
        metavar="FOLDER",
        help="folder of shop.yaml; default: examples/demo of the source tree",
    )
    return made


def run(program: str, arguments: Sequence[str]) -> int:
    """Run the demo; 0 when all was as it has to be, 1 when not, 130 after Ctrl-C."""
    # Until there is something to clean up, Ctrl-C ends the process without a word.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    options = parser(program).parse_args(arguments)
    from canary.cli.demo_session import session

    return session(program, options)
