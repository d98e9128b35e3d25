"""``canary events``: what the engine, or Flagger, said about Canaries."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from canary.cli.failure import CommandFailed
from canary.cli.following import following
from canary.cli.output import encoded, listed, shown
from canary.cli.session import Session, mapping
from canary.cli.terminal import Colour, plain
from canary.kube.resources import CANARIES, EVENTS, Obj
from canary.kube.store import version

_KIND = (EVENTS.api_version, EVENTS.kind)


async def run(session: Session, options: Namespace) -> int:
    """List them oldest first, and with ``--watch`` go on."""
    if options.name and options.all_namespaces:
        raise CommandFailed("a name is of one namespace: give -n instead of -A")
    listing = await session.client.list(EVENTS, session.scope(options))
    found = sorted((e for e in listing.items if _wanted(e, options.name)), key=_order)
    if options.name and not found:
        # No event is an answer only for a Canary that there is.
        await session.canary(options.name)
    if options.output and not options.watch:
        session.out.write(encoded(listed(found, _KIND), options.output))
        return 0
    for event in found:
        _write(session, options, event)
    if not found and not options.watch:
        where = "any namespace" if options.all_namespaces else f"namespace {session.namespace}"
        session.out.write(f"There are no events of Canaries in {where}.")
    if options.watch:
        await _follow(session, options, {_identity(event) for event in found})
    return 0


async def _follow(session: Session, options: Namespace, told: set[tuple[str, int]]) -> None:
    async with following(session.client, EVENTS, session.scope(options)) as found:
        while True:
            change = await found.change()
            if change is None or change[1] is None:
                continue
            event = change[1]
            # An event that is repeated comes again with a higher count.
            if _wanted(event, options.name) and _identity(event) not in told:
                told.add(_identity(event))
                _write(session, options, event)


def _wanted(event: Obj, name: str | None) -> bool:
    about = mapping(event.get("involvedObject"))
    group = str(about.get("apiVersion", "")).partition("/")[0]
    ours = about.get("kind") == CANARIES.kind and group == CANARIES.group
    return ours and (not name or about.get("name") == name)


def _identity(event: Obj) -> tuple[str, int]:
    meta = event["metadata"]
    return str(meta.get("uid") or meta["name"]), int(event.get("count") or 1)


def _order(event: Obj) -> tuple[datetime, int]:
    """By time, which is told in seconds; within one by the order in which they were stored."""
    return _at(event), version(str(event["metadata"].get("resourceVersion", "")))


def _at(event: Obj) -> datetime:
    series: Mapping[str, Any] = mapping(event.get("series"))
    stamps = (
        series.get("lastObservedTime"),
        event.get("lastTimestamp"),
        event.get("eventTime"),
        event.get("firstTimestamp"),
        event["metadata"].get("creationTimestamp"),
    )
    for stamp in stamps:
        try:
            found = datetime.fromisoformat(str(stamp or "").replace("Z", "+00:00"))
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return datetime.min.replace(tzinfo=UTC)


def _write(session: Session, options: Namespace, event: Obj) -> None:
    out = session.out
    if options.output:
        text = encoded(shown(event, _KIND), options.output)
        out.write(f"---\n{text}" if options.output == "yaml" else text)
        return
    about = mapping(event.get("involvedObject"))
    kind = str(event.get("type", ""))
    parts = [_at(event).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")]
    parts.append(out.paint(f"{plain(kind):<7}", Colour.BUSY if kind == "Warning" else Colour.DIM))
    if not options.name:
        where = f".{about.get('namespace', '')}" if options.all_namespaces else ""
        parts.append(plain(f"{about.get('name', '')}{where}"))
    count = int(event.get("count") or 1)
    repeated = f" (x{count})" if count > 1 else ""
    out.write(f"{'  '.join(parts)}  {plain(str(event.get('message', '')))}{repeated}")
