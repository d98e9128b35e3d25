"""A journal as a person reads it: what users did, went wrong, was decided and came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simulation.result import Result

_SHOWN = ("canaries/", "deployments/", "virtualservices/", "httproutes/", "services/")
_SIGNS = ("!!", "VIOLATION", "was lost", "leads", "is killed", "healed", "late ", ": 2", ": 4")


def timeline(result: Result, lines: int = 60) -> Iterator[str]:
    """The problems, and the last ``lines`` lines before the first of them that tell something."""
    yield f"plan      {result.plan}"
    yield f"replay    python -m simulation replay {result.plan}"
    for problem in result.problems:
        yield f"problem   {problem}"
    told = [line for line in _until_first(result.journal) if _tells(line)]
    yield from told[-lines:]


def _until_first(journal: Iterable[str]) -> Iterator[str]:
    for line in journal:
        yield line
        if "VIOLATION" in line:
            return


def _tells(line: str) -> bool:
    text = line[10:]
    return text.startswith(_SHOWN) or any(sign in text for sign in _SIGNS)
