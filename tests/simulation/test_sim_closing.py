"""The closing line of a simulation, from its parts."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from simulation.__main__ import main
from simulation.closing import Figures, Incomplete, closing, keep, kept
from simulation.mutants.equivalent import EQUIVALENT
from simulation.mutants.fates import Fate, Fates
from simulation.mutants.mutant import Mutant
from simulation.mutants.tally import tally

SOME = Figures("single-fault", ["bad", "rollout"], 500, 6000, 2000, 0, 0, 0, 50, 100.0)
REST = replace(SOME, plans=4000)
DRAWN = replace(SOME, part="random", plans=300)


def test_shares_add_up() -> None:
    line = "2 scenarios, 500 boundaries, 6000 exhaustive plans, 300 random plans, "
    line += "0 safety violations, 0 stuck, 0 replay mismatches"
    assert closing([SOME, DRAWN, REST]) == (line, True)


def test_a_sample_does_not_pass_for_all() -> None:
    assert "2000 of 6000 exhaustive plans" in closing([SOME, DRAWN])[0]


@pytest.mark.parametrize("wrong", ["safety", "stuck", "mismatches"])
def test_what_any_part_found_counts(wrong: str) -> None:
    broken = replace(REST, **{wrong: 1})
    text, fine = closing([SOME, broken, DRAWN])
    assert not fine
    assert text.count(" 1 ") == 1


@pytest.mark.parametrize("parts", [[SOME, REST], [DRAWN], []])
def test_a_part_that_was_not_run_is_missed(parts: list[Figures]) -> None:
    with pytest.raises(Incomplete):
        closing(parts)


def test_parts_of_different_scenarios_are_not_added() -> None:
    with pytest.raises(Incomplete, match="scenarios"):
        closing([SOME, replace(DRAWN, scenarios=["bad"])])


def test_parts_are_kept_in_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "figures.jsonl"
    for part in (SOME, DRAWN):
        keep(file, part)
    assert kept(file) == [SOME, DRAWN]
    assert main(["closing", str(file)]) == 0
    assert "300 random plans" in capsys.readouterr().out
    keep(file, replace(REST, stuck=1))
    assert main(["closing", str(file)]) == 1
    assert main(["closing", str(tmp_path / "none")]) == 2


MUTANTS = [
    Mutant(f"m{number}", lambda: None, frozenset(), "home", f"d{number}") for number in range(3)
]


def test_mutants_count_as_caught_only_while_they_are_the_same(tmp_path: Path) -> None:
    file = tmp_path / "fates.jsonl"
    fates = [Fate(f"m{number}", f"d{number}", check="a test") for number in range(2)]

    def hunted(*more: Fate) -> None:
        file.write_text("".join(f"{json.dumps(asdict(fate))}\n" for fate in (*fates, *more)))

    hunted(Fate("m2", "another digest", check="a test"))
    assert tally(MUTANTS, file) == ("2 of 3 mutants caught (0 equivalent)", False)
    hunted(Fate("m2", "d2", check="a test"))
    assert tally(MUTANTS, file) == ("3 of 3 mutants caught (0 equivalent)", True)
    with pytest.raises(OSError, match="no hunt"):
        tally(MUTANTS, tmp_path / "none")


def test_a_hunt_goes_on_with_what_it_has_not_settled(tmp_path: Path) -> None:
    caught, alive, new = MUTANTS
    equal = replace(alive, name=next(iter(EQUIVALENT)))
    fates = Fates(tmp_path / "fates.jsonl", goes_on=False)
    fates.add(Fate(caught.name, caught.digest, check="a test"))
    for mutant in (alive, equal):
        fates.add(Fate(mutant.name, mutant.digest))
    goes_on = Fates(tmp_path / "fates.jsonl", goes_on=True)
    everyone = (caught, alive, equal, new)

    def met(number: int, *, living: bool) -> list[Mutant]:
        return [one for one in everyone if goes_on.open(one, number, living=living)]

    assert met(0, living=False) == [new]
    assert met(0, living=True) == [alive, new]
    assert met(1, living=True) == [alive, equal, new]
    changed = replace(caught, digest="edited since")
    assert goes_on.open(changed, 0, living=False)
