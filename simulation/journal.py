"""What happened in one world, line by line, with the times."""

from __future__ import annotations

import asyncio

SPIN = 3000
"""Lines of the journal at one moment from which on the run counts as a livelock."""


class Journal:
    """The ``lines``, and whether the run was given up as something worked without end."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.spinning = False
        """Something works without end and without time passing: the run was given up."""
        self._noted, self._spins = 0.0, 0

    def note(self, text: str) -> None:
        """One more line."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        self.lines.append(f"{now:9.3f} {text}")
        self._spins, self._noted = self._spins + 1 if now == self._noted else 0, now
        if self._spins > SPIN:
            # No exception: whoever spins might catch it.
            self.spinning = True
            loop.stop()
