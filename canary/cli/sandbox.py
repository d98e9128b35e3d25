"""``canary sandbox``: a cluster to try things in, with real traffic, on this machine."""

from __future__ import annotations

import argparse
import math
import signal
import time
from collections.abc import Sequence


def parser(program: str) -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog=f"{program} sandbox",
        description="Run a cluster in this terminal: an API server that kubectl can use, pods as "
        "processes, a gateway (Envoy), users, Prometheus. It stays until Ctrl-C and leaves "
        "nothing behind.",
        epilog=f"Example: {program} sandbox -f examples/demo --load 50",
        allow_abbrev=False,
    )
    made.add_argument(
        "-f",
        "--filename",
        nargs="+",
        action="extend",
        default=[],
        metavar="PATH",
        help="manifests to apply: files, or folders with all below; may be repeated",
    )
    made.add_argument(
        "--load",
        type=_rate,
        default=20.0,
        metavar="N",
        help="requests a second through the gateway; 0: none; default: %(default)g",
    )
    for part, what in (
        ("api", "the API server"),
        ("traffic", "the gateway"),
        ("prometheus", "Prometheus"),
    ):
        made.add_argument(
            f"--{part}-port",
            type=_port,
            default=0,
            metavar="PORT",
            help=f"port of {what} on 127.0.0.1; 0, the default: any free one",
        )
    return made


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535 is accepted")
    return int(text)


def _rate(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 <= found <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no rate: a number from 0 to 10000 is")
    return found


def run(program: str, arguments: Sequence[str]) -> int:
    """Run a sandbox; 0 after Ctrl-C, 1 when it can't start or go on, 2 when not understood."""
    began = time.monotonic()
    # Until there is something to clean up, Ctrl-C ends the process without a word.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    options = parser(program).parse_args(arguments)
    from canary.cli.sandbox_session import session

    return session(program, options, began)
