"""``canary status``: one Canary whole."""

from __future__ import annotations

import asyncio
from argparse import Namespace

from canary.cli.following import following
from canary.cli.output import encoded
from canary.cli.parts import parts
from canary.cli.report import Report, as_data, report
from canary.cli.session import Session
from canary.cli.standing import standing
from canary.cli.tree import lines
from canary.kube.errors import ServerError, TooManyRequests, Unreachable
from canary.kube.resources import CANARIES, Key

REFRESH = 2.0
"""Seconds between looks at workloads and route; a change of the Canary shows at once."""


async def run(session: Session, options: Namespace) -> int:
    """Show it, and with ``--watch`` again whenever something changed."""
    if not options.watch:
        _show(session, options, await _report(session, options.name))
        return 0
    last = None
    key = Key(session.namespace, options.name)
    async with following(session.client, CANARIES, session.namespace, only=key) as found:
        while True:
            try:
                seen = await _report(session, options.name)
            except (ServerError, TooManyRequests, Unreachable):
                # The first look has to work; later on an outage is waited out.
                if last is None:
                    raise
                await asyncio.sleep(REFRESH)
                continue
            if session.out.live or seen != last:
                _show(session, options, seen, again=last is not None)
            last = seen
            await found.change(REFRESH)


async def _report(session: Session, name: str) -> Report:
    obj = await session.canary(name)
    at = standing(obj)
    return report(at, await parts(session, obj, at.canary))


def _show(session: Session, options: Namespace, seen: Report, *, again: bool = False) -> None:
    out, now = session.out, session.clock.now()
    if options.output:
        text = encoded(as_data(seen, now), options.output)
        out.write(f"---\n{text}" if options.watch and options.output == "yaml" else text)
    elif options.watch and out.live:
        out.redraw(*lines(seen, now, out))
    else:
        out.write(*([""] if again else []), *lines(seen, now, out))
