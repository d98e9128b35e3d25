"""The processes of the engine in one world: begun, killed, begun again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from simulation.process import RESTART, Process

if TYPE_CHECKING:
    from simulation.world import World

RIVALRY = 30.0
"""Seconds for which a second process believes that it leads, too."""


class Fleet:
    """As many processes as are ``wanted``; several of them elect the one that leads."""

    def __init__(self, world: World, wanted: int) -> None:
        self._world, self._wanted, self._begun = world, wanted, 0
        self.processes: list[Process] = []

    def start(self) -> None:
        """Start as many processes as are wanted."""
        for _ in range(self._wanted):
            self._begin()

    async def stop(self) -> None:
        """Kill all processes."""
        for process in self.processes:
            process.kill()
        for process in self.processes:
            await process.ended()
        self.processes.clear()

    def rival(self) -> None:
        """One more process that believes to lead, for a while."""
        rival = self._begin(alone=True)
        asyncio.get_running_loop().call_later(RIVALRY, self._retired, rival)

    def buried(self, process: Process) -> None:
        """A process died: it will be started again."""
        self.processes.remove(process)
        asyncio.get_running_loop().call_later(RESTART, self._begin)

    def _retired(self, process: Process) -> None:
        if process in self.processes:
            self.processes.remove(process)
            process.kill()

    def _begin(self, *, alone: bool = False) -> Process:
        self._begun += 1
        elects = self._wanted > 1 and not alone
        process = Process(self._world, f"p{self._begun}", elects=elects)
        self.processes.append(process)
        return process
