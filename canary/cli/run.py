"""``canary run``: from a command line to a process and its exit code."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence

from canary.cli.configure import configure
from canary.cli.goflags import HelpAsked, UsageError
from canary.controller import logs
from canary.controller.settings import Settings

LAST_RESORT = 4.8
"""Seconds after a request to stop when the process ends, even if its loop is blocked."""


def run(program: str, arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the engine; 0 when asked to stop, 1 when refused or deposed, 2 when not understood."""
    try:
        settings = configure(arguments, environ)
    except HelpAsked:
        from canary.cli.flagdocs import usage

        print(usage(program), end="")
        return 0
    except UsageError as error:
        print(f"{program} run: {error} ({program} run -h lists the flags)", file=sys.stderr)
        return 2
    if settings is None:
        from canary.cli.main import version

        print(version())
        return 0
    logs.configure(settings.log_level, settings.log_encoding, libraries=settings.log_libraries)
    return asyncio.run(_main(settings))


async def _main(settings: Settings) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _asked, stop)
    # After the handlers: this takes a while, and the first process of a container has no others.
    from canary.server.process import Parts, live, real_controller, real_transport

    return await live(settings, stop, Parts(real_controller, real_transport))


def _asked(stop: asyncio.Event) -> None:
    if stop.is_set():
        # Asked twice: whoever does that wants it now.
        os._exit(1)
    stop.set()
    last = threading.Timer(LAST_RESORT, os._exit, (1,))
    last.daemon = True
    last.start()
