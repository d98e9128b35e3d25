"""What became of each mutant, kept in a file so that a hunt can go on where it was stopped."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from simulation.mutants.equivalent import EQUIVALENT
from simulation.mutants.mutant import Mutant

DIRECTORY = Path.home() / ".cache" / "canary-engine" / "mutants"


@dataclass
class Fate:
    """``check`` caught it, because of ``why``; both are empty for one that lives.

    ``tried`` of the ``reach`` checks that pass its place were run, in ``seconds`` of processor
    time, up to the checks of ``round``.
    """

    name: str
    digest: str
    check: str = ""
    why: str = ""
    tried: int = 0
    reach: int = 0
    seconds: float = 0.0
    round: int = 0

    @property
    def caught(self) -> bool:
        return bool(self.check)


class Fates:
    """The fates in a file, the last one of each name."""

    def __init__(self, file: Path, *, goes_on: bool) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file
        self._known: dict[str, Fate] = {}
        if not goes_on:
            file.unlink(missing_ok=True)
        elif file.exists():
            for line in file.read_text().splitlines():
                fate = Fate(**json.loads(line))
                self._known[fate.name] = fate

    def add(self, fate: Fate) -> None:
        """One more, on disk at once."""
        self._known[fate.name] = fate
        with self._file.open("a") as out:
            print(json.dumps(asdict(fate)), file=out)

    def open(self, mutant: Mutant, number: int, *, living: bool) -> bool:
        """Whether ``mutant`` is still to be met in round ``number``. ``living``: also if it got
        away from that already, unless it is known to change nothing."""
        fate = self.of(mutant)
        if fate is None:
            return True
        again = living and mutant.name not in EQUIVALENT
        return not fate.caught and (again or number > fate.round)

    def of(self, mutant: Mutant) -> Fate | None:
        """What became of this very mutant; None if nobody knows."""
        fate = self._known.get(mutant.name)
        return fate if fate is not None and fate.digest == mutant.digest else None

    def among(self, mutants: Iterable[Mutant]) -> list[Fate]:
        """Those of ``mutants`` that are known."""
        return [fate for mutant in mutants if (fate := self.of(mutant)) is not None]
