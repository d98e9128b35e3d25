"""Real traffic of one host, and what its users saw: a record with one row a request."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_LOAD = Path(__file__).with_name("load.py")


@dataclass(frozen=True, slots=True)
class Answer:
    """One request: when it was sent (Unix time), how long it took, who answered what."""

    sent: float
    took: float
    revision: str
    pod: str
    status: int
    error: str = ""
    """Why there was no answer."""
    visitor: int = -1
    """Whose turn it was, where visitors keep cookies."""

    @property
    def failed(self) -> bool:
        """What a user calls failed: no answer, or a status of 500 and above."""
        return not 0 < self.status < 500

    @property
    def ended(self) -> float:
        """When it was answered, or given up."""
        return self.sent + self.took


@dataclass(frozen=True, slots=True)
class Tally:
    """Requests and failures of one revision."""

    requests: int = 0
    failed: int = 0


def by_revision(answers: Iterable[Answer]) -> Mapping[str, Tally]:
    """Requests and failures by revision; the empty one is nobody's answer."""
    found: dict[str, Tally] = {}
    for answer in answers:
        old = found.get(answer.revision, Tally())
        found[answer.revision] = Tally(old.requests + 1, old.failed + answer.failed)
    return found


class Traffic:
    """``rate`` requests a second to ``host``, for as long as the context is open.

    ``inside`` gives the command line that runs something where the gateway is. ``headers`` are
    further ones of each request, as ``name: value``; ``visitors`` take turns and keep cookies.
    """

    def __init__(
        self,
        inside: Sequence[str],
        gateway: tuple[str, int],
        host: str,
        rate: float,
        file: Path,
        headers: Sequence[str] = (),
        visitors: int = 0,
    ) -> None:
        address, port = gateway
        arguments = (address, str(port), host, str(rate), str(file), str(visitors), *headers)
        self._command = [*inside, sys.executable, str(_LOAD), *arguments]
        self.host = host
        self._file = file
        self._process: asyncio.subprocess.Process | None = None
        self._answers: list[Answer] = []
        self._offset = 0

    async def __aenter__(self) -> Traffic:
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=subprocess.PIPE, start_new_session=True
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    @property
    def answers(self) -> Sequence[Answer]:
        """All so far, in the order in which they ended."""
        with suppress(FileNotFoundError), self._file.open("rb") as record:
            record.seek(self._offset)
            for line in record:
                if not line.endswith(b"\n"):
                    break  # Half written: the next look has it.
                self._offset += len(line)
                self._answers.append(Answer(*json.loads(line)))
        return self._answers

    def between(self, begin: float, end: float) -> list[Answer]:
        """Those sent in this span of Unix time."""
        return [answer for answer in self.answers if begin <= answer.sent < end]

    async def meets(self, revision: str, count: int = 20, within: float = 120.0) -> None:
        """Wait until ``count`` requests were answered by ``revision``. Raises AssertionError."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while sum(answer.revision == revision for answer in self.answers) < count:
            assert loop.time() < deadline, f"{revision} not met {count} times in {within:g} s"
            await asyncio.sleep(0.1)

    async def reaches(self, revision: str, count: int = 20, within: float = 120.0) -> None:
        """Wait until the last ``count`` requests were answered by ``revision`` without a failure.
        Raises AssertionError after ``within`` seconds."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while True:
            last = self.answers[-count:]
            if len(last) == count and all(a.revision == revision and not a.failed for a in last):
                return
            if self._process is not None and self._process.returncode is not None:
                raise AssertionError(f"the load generator ended with {self._process.returncode}")
            if loop.time() > deadline:
                raise AssertionError(f"{revision} not reached after {within:g} s: {last[-3:]}")
            await asyncio.sleep(0.1)
