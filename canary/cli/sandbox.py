"""``canary sandbox``: a cluster to try things in, with real traffic, on this machine."""

from __future__ import annotations

import argparse
import asyncio
import logging
import math
import signal
import sys
import time
from collections.abc import Coroutine, Sequence
from typing import Any

from canary.sandbox.live.envoy import NoEnvoy
from canary.sandbox.live.manifests import BadManifest, read
from canary.sandbox.live.ports import PortInUse
from canary.sandbox.live.prometheus import NoPrometheus
from canary.sandbox.live.sandbox import Sandbox, Wanted, running
from canary.sandbox.live.supervise import ChildFailed

FAILURES = (NoEnvoy, NoPrometheus, PortInUse, ChildFailed, BadManifest)
"""What keeps a sandbox from starting, or ends it; the text is for people."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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
    options = parser(program).parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        wanted = Wanted(
            options.api_port,
            options.traffic_port,
            options.prometheus_port,
            options.load,
            read(options.filename),
        )
        return until_signal(_stay(program, wanted, began)) or 0
    except FAILURES as error:
        print(f"{program} sandbox: {error}", file=sys.stderr)
        return 1


def until_signal(work: Coroutine[Any, Any, int]) -> int | None:
    """Run ``work``; SIGINT, SIGTERM and SIGHUP cancel it, once, and then the result is None."""

    async def main() -> int | None:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        asked = False

        def stop() -> None:
            nonlocal asked
            if not asked:
                # A second Ctrl-C must not break off the clean-up; it takes a few seconds at most.
                asked = True
                task.cancel()

        for number in _SIGNALS:
            loop.add_signal_handler(number, stop)
        try:
            return await task
        except asyncio.CancelledError:
            return None

    return asyncio.run(main())


async def _stay(program: str, wanted: Wanted, began: float) -> int:
    async with running(wanted) as sandbox:
        print(_welcome(program, sandbox, time.monotonic() - began), flush=True)
        error = await sandbox.failed()
        print(f"{program} sandbox: {error}", file=sys.stderr)
        return 1


def _welcome(program: str, sandbox: Sandbox, seconds: float) -> str:
    return f"""\
The sandbox is ready after {seconds:.1f} s.

  kubeconfig   {sandbox.kubeconfig}
  traffic      {sandbox.traffic}
  Prometheus   {sandbox.prometheus}

In another terminal:

  export KUBECONFIG={sandbox.kubeconfig}
  kubectl get canaries,deployments,pods --all-namespaces
  {program} run -kubeconfig {sandbox.kubeconfig} -mesh-provider gatewayapi:v1 \\
    -metrics-server {sandbox.prometheus} -interval-floor 2s -port 0

Ctrl-C ends it, and everything in it."""
