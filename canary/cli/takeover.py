"""``canary takeover --check``: what would become of each Canary, before anything is exchanged."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from canary.cli.configure import configure
from canary.cli.failure import UsageFault
from canary.cli.goflags import HelpAsked, UsageError
from canary.cli.output import encoded
from canary.cli.session import Session, mapping
from canary.cli.terminal import Table, span
from canary.clock import rfc3339
from canary.controller.onlooker import onlooker
from canary.controller.prospect import Fate, Prospect
from canary.controller.settings import Settings
from canary.kube.resources import CANARIES, Obj

HELD = 4
"""Exit code when something would be refused or held; that of ``canary wait`` for the same."""

Row = tuple[Obj, Prospect]


async def run(session: Session, options: Namespace) -> int:
    """Look at all of them and say what would come."""
    if not options.check:
        raise UsageFault(
            "give --check to look; the takeover itself is done by starting the engine in the "
            f"place of Flagger: {session.program} run, or {session.program} install"
        )
    if options.name and options.all_namespaces:
        raise UsageFault("a name is of one namespace: give -n instead of -A")
    rows = await _foreseen(session, options)
    if options.output:
        now = session.clock.now()
        data = {"canaries": [_data(obj, found, now) for obj, found in rows]}
        session.out.write(encoded(data, options.output))
    elif not rows:
        where = "any namespace" if options.all_namespaces else f"namespace {session.namespace}"
        session.out.write(f"There are no Canaries in {where}.")
    else:
        _show(session, options, rows)
    stays = any(found.fate in (Fate.REFUSED, Fate.HELD) for _, found in rows)
    return HELD if stays else 0


async def _foreseen(session: Session, options: Namespace) -> list[Row]:
    settings = _settings(session, options)
    objects = await _canaries(session, options)
    client, clock = session.client, session.clock
    async with onlooker(client, settings, clock, objects) as eyes:
        return [(obj, await eyes.prospect(obj)) for obj in objects]


async def _canaries(session: Session, options: Namespace) -> Sequence[Obj]:
    if options.name:
        return [await session.canary(name) for name in dict.fromkeys(options.name)]
    listing = await session.client.list(CANARIES, session.scope(options))
    return sorted(listing.items, key=lambda o: (o["metadata"]["namespace"], o["metadata"]["name"]))


def _settings(session: Session, options: Namespace) -> Settings:
    """What the engine would run with; where to look is this command's own matter."""
    try:
        settings = configure([f"-{flag.lstrip('-')}" for flag in options.flag], {})
    except (UsageError, HelpAsked) as error:
        raise UsageFault(f"--flag: {error}") from error
    if settings is None:
        raise UsageFault("--flag version: the engine would print its version and end")
    seen = () if options.all_namespaces else (session.namespace,)
    return replace(settings, namespaces=seen)


def _show(session: Session, options: Namespace, rows: Sequence[Row]) -> None:
    first = ("NAMESPACE",) if options.all_namespaces else ()
    table = Table((*first, "NAME", "STATUS", "TAKEOVER", "STEP", "REASON", "LAST WRITER"))
    now = session.clock.now()
    cells = [_cells(obj, found, now, spaced=bool(first)) for obj, found in rows]
    lines = table.rows(cells)
    session.out.write(table.titles(), *lines)
    counted = [(fate, sum(found.fate is fate for _, found in rows)) for fate in Fate]
    session.out.write("", ", ".join(f"{count} {fate}" for fate, count in counted if count))


def _cells(obj: Obj, found: Prospect, now: datetime, *, spaced: bool) -> tuple[str, ...]:
    meta = obj["metadata"]
    first = (str(meta["namespace"]),) if spaced else ()
    phase = str(mapping(obj.get("status")).get("phase") or "")
    reason = f"{found.reason}; then {found.then}" if found.then else found.reason
    who = f"{found.writer.manager} {_ago(found, now)}" if found.writer else ""
    return (*first, str(meta["name"]), phase, str(found.fate), found.step, reason, who)


def _ago(found: Prospect, now: datetime) -> str:
    assert found.writer is not None
    return f"{span((now - found.writer.at).total_seconds())} ago"


def _data(obj: Obj, found: Prospect, now: datetime) -> dict[str, Any]:
    data: dict[str, Any] = {
        "name": obj["metadata"]["name"],
        "namespace": obj["metadata"]["namespace"],
        "phase": mapping(obj.get("status")).get("phase") or "",
        "takeover": str(found.fate),
        "reason": found.reason,
        "field": found.field,
        "weight": found.weight,
        "step": found.step,
        "writes": list(found.writes),
        "then": str(found.then or ""),
    }
    if found.writer is not None:
        ago = round((now - found.writer.at).total_seconds())
        data["lastWriter"] = {
            "manager": found.writer.manager,
            "at": rfc3339(found.writer.at),
            "secondsAgo": ago,
        }
    return data
