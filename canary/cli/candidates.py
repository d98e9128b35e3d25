"""What a word on the command line may go on to: one candidate a line, a tab, what it means."""

from __future__ import annotations

import asyncio
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence

from canary.cli.commands import PEOPLE
from canary.cli.declaration import Option, PeopleCommand
from canary.cli.failure import CommandFailed

PATIENCE = 2.0
"""Seconds that a cluster has to name its Canaries: a person waits with a finger on the tab key."""

Candidate = tuple[str, str]


def candidates(words: Sequence[str], others: Mapping[str, str]) -> list[Candidate]:
    """Candidates for the last of ``words``, which follow the program's name.

    ``others`` are the commands that aren't for people, with their summaries.
    """
    *before, current = words or ("",)
    if not before:
        rows = [(name, command.summary) for name, command in PEOPLE.items()] + list(others.items())
    elif before[0] == "run":
        rows = list(_engine_flags())
    elif before[0] in PEOPLE:
        rows = list(_of_command(PEOPLE[before[0]], before[1:], current))
    else:
        rows = []
    return [row for row in rows if row[0].startswith(current)]


def _of_command(command: PeopleCommand, before: Sequence[str], current: str) -> Iterator[Candidate]:
    open_option = _option(command, before[-1]) if before else None
    if open_option is not None and open_option.metavar:
        yield from ((choice, "") for choice in open_option.choices)
        if "--context" in open_option.names:
            yield from _contexts(command, before)
    elif current.startswith("-"):
        for option in command.options:
            yield from ((name, option.help) for name in option.names)
        yield ("--help", "show what the command does, and examples")
    elif command.argument and command.argument.choices:
        yield from ((choice, "") for choice in command.argument.choices)
    elif command.argument and command.cluster:
        yield from _canaries(command, before)


def _option(command: PeopleCommand, word: str) -> Option | None:
    return next((option for option in command.options if word in option.names), None)


def _engine_flags() -> Iterator[Candidate]:
    from canary.cli.flags import FLAGS, Standing

    for flag in FLAGS:
        if flag.standing in (Standing.APPLIES, Standing.NO_EFFECT):
            yield f"-{flag.name}", flag.help


def _given(command: PeopleCommand, before: Sequence[str]) -> Namespace:
    """The access options among the words; what else there is doesn't matter."""
    found = ArgumentParser(add_help=False, exit_on_error=False, allow_abbrev=False)
    for option in command.options:
        if option.metavar and option.names[-1] in ("--namespace", "--context", "--kubeconfig"):
            found.add_argument(*option.names, default="")
    return found.parse_known_args(list(before))[0]


def _contexts(command: PeopleCommand, before: Sequence[str]) -> Iterator[Candidate]:
    from canary.cli.kubeconfig import contexts

    try:
        found = contexts(_given(command, before[:-1]).kubeconfig, os.environ)
    except CommandFailed:
        return
    yield from ((name, "") for name in found)


def _canaries(command: PeopleCommand, before: Sequence[str]) -> Iterator[Candidate]:
    from canary.cli.explain import EXPLAINED
    from canary.kube.credentials import NotConfigured

    try:
        found = asyncio.run(_names(_given(command, before)))
    except (*EXPLAINED, NotConfigured, CommandFailed, TimeoutError):
        return
    yield from ((name, "") for name in found)


async def _names(given: Namespace) -> list[str]:
    from canary.cli.access import connected
    from canary.cli.kubeconfig import locate
    from canary.kube.resources import CANARIES

    place = locate(given.kubeconfig, given.context, os.environ)
    async with asyncio.timeout(PATIENCE):
        client = await connected(place)
        try:
            listing = await client.list(
                CANARIES, given.namespace or place.namespace, metadata_only=True
            )
        finally:
            await client.transport.close()
    return [str(obj["metadata"]["name"]) for obj in listing.items]
