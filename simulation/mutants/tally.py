"""What a hunt that is kept in a file came to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from simulation.mutants.equivalent import EQUIVALENT
from simulation.mutants.fates import Fate
from simulation.mutants.mutant import Mutant


def tally(mutants: Sequence[Mutant], file: Path) -> tuple[str, bool]:
    """A clause for the closing line, and whether all ``mutants`` were caught but for those that
    change nothing; raises OSError where no hunt is kept in ``file``."""
    if not file.exists():
        raise FileNotFoundError(f"{file}: no hunt for mutants is kept there")
    fates = (Fate(**json.loads(line)) for line in file.read_text().splitlines())
    last = {(fate.name, fate.digest): fate for fate in fates}
    found = [last[m.name, m.digest] for m in mutants if (m.name, m.digest) in last]
    caught = sum(fate.caught for fate in found)
    same = sum(not fate.caught and fate.name in EQUIVALENT for fate in found)
    wanted = len(mutants) - same
    return f"{caught} of {wanted} mutants caught ({same} equivalent)", caught == wanted
