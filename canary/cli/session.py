"""What a command that talks to a cluster works with, and how it finds Canaries."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from canary.cli.failure import CommandFailed
from canary.cli.terminal import Terminal
from canary.clock import Clock
from canary.kube.client import Client
from canary.kube.errors import Forbidden, NotFound
from canary.kube.resources import CANARIES, Obj, Resource
from canary.rollout.observed import Absent, Observed, Present, Unknown


@dataclass(frozen=True, slots=True)
class Session:
    """One command under way. ``namespace`` is that of the person; ``program`` what they called."""

    client: Client
    namespace: str
    out: Terminal
    clock: Clock
    program: str = "canary"

    def scope(self, options: Namespace) -> str | None:
        """The namespace to look at; None: all."""
        return None if options.all_namespaces else self.namespace

    async def canary(self, name: str) -> dict[str, Any]:
        """The Canary; raises CommandFailed when there is none, ApiError and Unreachable."""
        try:
            return await self.client.get(CANARIES, self.namespace, name)
        except NotFound as error:
            # The same status says that the kind isn't known, but then without the name.
            if f'"{name}"' not in error.message:
                raise
            raise CommandFailed(
                f"there is no Canary {name!r} in namespace {self.namespace}: "
                f"{self.program} get -A lists those there are"
            ) from error

    async def seen(self, resource: Resource, name: str) -> Observed[Obj]:
        """An object, as far as this person may see it. Raises Unreachable, and other ApiErrors."""
        try:
            return Present(await self.client.get(resource, self.namespace, name))
        except NotFound as error:
            return Absent(error.message)
        except Forbidden as error:
            return Unknown(error.message)


def mapping(value: object) -> Mapping[str, Any]:
    """``value`` if it is a map, else an empty one: objects may be older than their schema."""
    return value if isinstance(value, Mapping) else {}
