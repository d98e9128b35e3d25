"""``canary get``: Canaries as a table, or as they are."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from canary.cli.failure import CommandFailed
from canary.cli.following import following
from canary.cli.output import encoded, listed, shown
from canary.cli.session import Session, mapping
from canary.cli.standing import standing
from canary.cli.terminal import Table, span
from canary.kube.resources import CANARIES, Obj

_KIND = (CANARIES.api_version, CANARIES.kind)
_SHORT = 48
"""Characters of a reason in the table; ``-o wide`` shows all of it."""

_WIDE = ("SUSPENDED", "FAILEDCHECKS", "INTERVAL", "STEPWEIGHT", "STEPWEIGHTS", "MAXWEIGHT")


async def run(session: Session, options: Namespace) -> int:
    """List, and with ``--watch`` go on."""
    if options.name and options.all_namespaces:
        raise CommandFailed("a name is of one namespace: give -n instead of -A")
    objects = await _found(session, options)
    if options.watch:
        await _follow(session, options)
        return 0
    if options.output in ("json", "yaml"):
        one = len(options.name) == 1
        data = shown(objects[0], _KIND) if one else listed(objects, _KIND)
        session.out.write(encoded(data, options.output))
    elif options.output == "name":
        session.out.write(*map(_reference, objects))
    elif not objects:
        session.out.write(f"There are no Canaries in {_where(session, options)}.")
    else:
        table = Table(_titles(options))
        rows = table.rows([_row(obj, options, session.clock.now()) for obj in objects])
        session.out.write(table.titles(), *rows)
    return 0


async def _found(session: Session, options: Namespace) -> Sequence[Obj]:
    if options.name:
        return [await session.canary(name) for name in dict.fromkeys(options.name)]
    listing = await session.client.list(
        CANARIES, session.scope(options), label_selector=options.selector
    )
    return sorted(listing.items, key=lambda o: (o["metadata"]["namespace"], o["metadata"]["name"]))


async def _follow(session: Session, options: Namespace) -> None:
    """Rows as they change, under one header; until it is interrupted."""
    table = Table(_titles(options))
    titled = options.output in ("json", "yaml", "name")
    async with following(
        session.client, CANARIES, session.scope(options), selector=options.selector
    ) as found:
        while True:
            change = await found.change()
            if change is None or (options.name and change[0].name not in options.name):
                continue
            key, obj = change
            if obj is None:
                session.out.write(f"# {key} was deleted")
            elif options.output == "name":
                session.out.write(_reference(obj))
            elif options.output in ("json", "yaml"):
                text = encoded(shown(obj, _KIND), options.output)
                session.out.write(f"---\n{text}" if options.output == "yaml" else text)
            else:
                row = table.rows([_row(obj, options, session.clock.now())])
                session.out.write(*([] if titled else [table.titles()]), *row)
                titled = True


def _where(session: Session, options: Namespace) -> str:
    what = "any namespace" if options.all_namespaces else f"namespace {session.namespace}"
    return f"{what} with the labels {options.selector}" if options.selector else what


def _reference(obj: Obj) -> str:
    return f"canary.{CANARIES.group}/{obj['metadata']['name']}"


def _titles(options: Namespace) -> tuple[str, ...]:
    first = ("NAMESPACE",) if options.all_namespaces else ()
    last = (*_WIDE, "LASTTRANSITIONTIME") if options.output == "wide" else ()
    return (*first, "NAME", "STATUS", "WEIGHT", "STEP", "REASON", "NEXT", "AGE", *last)


def _row(obj: Obj, options: Namespace, now: datetime) -> tuple[str, ...]:
    at = standing(obj)
    wide = options.output == "wide"
    first = (at.namespace,) if options.all_namespaces else ()
    why = f"{at.blocked.reason}: {at.blocked.message}" if at.blocked else at.reason
    if len(why) > _SHORT and not wide:
        why = f"{why[: _SHORT - 3]}..."
    weight = str(at.weight) if at.phase else ""
    columns = (*first, at.name, at.phase, weight, at.step, why, at.next.when(now), _age(obj, now))
    return (*columns, *(_wide(obj) if wide else ()))


def _age(obj: Obj, now: datetime) -> str:
    created = str(obj["metadata"].get("creationTimestamp") or "")
    try:
        return span((now - datetime.fromisoformat(created.replace("Z", "+00:00"))).total_seconds())
    except ValueError:
        return ""


def _wide(obj: Obj) -> tuple[str, ...]:
    """Flagger's printer columns that aren't in the short table."""
    spec, status = mapping(obj.get("spec")), mapping(obj.get("status"))
    analysis = mapping(spec.get("analysis"))
    fields: tuple[Any, ...] = (
        spec.get("suspend"),
        status.get("failedChecks"),
        analysis.get("interval"),
        analysis.get("stepWeight"),
        analysis.get("stepWeights"),
        analysis.get("maxWeight"),
        status.get("lastTransitionTime"),
    )
    return tuple("" if value is None else _text(value) for value in fields)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
