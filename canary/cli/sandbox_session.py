"""A sandbox from its start to its end, as people see it."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
import time
from collections.abc import Coroutine
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


def session(program: str, options: argparse.Namespace, began: float) -> int:
    """Run a sandbox until a signal (0), or until it fails (1). ``began``: monotonic seconds."""
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
