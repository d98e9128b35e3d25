"""Running a command for people: parse, connect, run, and say what went wrong."""

from __future__ import annotations

import asyncio
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from canary.cli.commands import PEOPLE
from canary.cli.declaration import PeopleCommand
from canary.cli.failure import CommandFailed, UsageFault
from canary.cli.parsers import parser
from canary.cli.terminal import Terminal, plain

if TYPE_CHECKING:
    from canary.cli.session import Session

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


def invoke(name: str, program: str, arguments: Sequence[str]) -> int:
    """Run command ``name`` of ``PEOPLE``; gives the exit code."""
    command = PEOPLE[name]
    try:
        options = parser(program, name, command).parse_args(arguments)
    except SystemExit as done:
        return int(done.code or 0)
    out = Terminal.of(sys.stdout, os.environ)
    try:
        if command.cluster:
            return asyncio.run(_with_cluster(command, program, options, out))
        return int(import_module(command.module).run(program, options, out))
    except UsageFault as error:
        return _failed(program, name, str(error), 2)
    except CommandFailed as error:
        return _failed(program, name, str(error), command.trouble)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has seen enough; Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _failed(program: str, name: str, text: str, code: int) -> int:
    print(f"{program} {name}: {plain(text)}", file=sys.stderr)
    return code


async def _with_cluster(
    command: PeopleCommand, program: str, options: Namespace, out: Terminal
) -> int:
    from canary.cli.access import connected
    from canary.cli.kubeconfig import locate
    from canary.cli.session import Session
    from canary.clock import SystemClock
    from canary.kube.credentials import NotConfigured

    place = locate(options.kubeconfig, options.context, os.environ)
    try:
        client = await connected(place)
    except NotConfigured as error:
        raise CommandFailed(str(error)) from error
    try:
        namespace = options.namespace or place.namespace
        session = Session(client, namespace, out, SystemClock(), program)
        return await perform(command, session, options)
    finally:
        await client.transport.close()


async def perform(command: PeopleCommand, session: Session, options: Namespace) -> int:
    """Run a command in ``session``; gives the exit code. Raises UsageFault, and CommandFailed for
    whatever the cluster refuses."""
    from canary.cli.explain import EXPLAINED, explained

    try:
        return int(await import_module(command.module).run(session, options))
    except EXPLAINED as error:
        raise CommandFailed(explained(error, session.program)) from error
