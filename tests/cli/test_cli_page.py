"""The flag table of the operations page is the one that the code goes by."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from canary.cli.flagdocs import BEGIN, END, main, table, updated, usage
from canary.cli.flags import FLAGS, Standing

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"


def test_the_page_is_not_stale() -> None:
    assert main(["--check", "--page", str(PAGE)]) == 0


def test_each_flag_has_one_row() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    for flag in FLAGS:
        assert sum(line.startswith(f"| `-{flag.name}` |") for line in lines) == 1


def test_a_changed_page_is_stale_until_it_is_written_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    shutil.copy(PAGE, page)
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("| `-port` |", "| `-prt` |"), encoding="utf-8")
    assert main(["--check", "--page", str(page)]) == 1
    assert "stale" in capsys.readouterr().err
    assert main(["--page", str(page)]) == 0
    assert page.read_text(encoding="utf-8") == text


def test_what_stands_around_the_table_is_kept() -> None:
    assert updated(f"a\n{BEGIN}old{END}\nb\n") == f"a\n{BEGIN}\n\n{table()}\n\n{END}\nb\n"


@pytest.mark.parametrize("page", ["", BEGIN, f"text {END}"])
def test_a_page_without_markers_is_refused(page: str) -> None:
    with pytest.raises(ValueError):
        updated(page)


def test_help_names_every_flag() -> None:
    text = usage("canary")
    for flag in FLAGS:
        shown = flag.standing is not Standing.IGNORED
        assert (f"\n  -{flag.name}" if shown else f"-{flag.name}") in text
