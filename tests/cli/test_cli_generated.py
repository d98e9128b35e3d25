"""Pages that the code writes: the commands, and the README's table of compatibility."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from analysis.models import ProviderType
from canary.api import support
from canary.api.spec import Provider
from canary.cli import compatibility, pages
from canary.cli.commands import PEOPLE
from canary.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]


def test_the_pages_are_not_stale() -> None:
    assert pages.main(["--check", "--page", str(ROOT / "docs" / "cli.md")]) == 0
    assert compatibility.main(["--check", "--page", str(ROOT / "README.md")]) == 0


def test_a_stale_page_is_named_and_then_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "cli.md"
    assert pages.main(["--check", "--page", str(page)]) == 1
    assert "cli.md is stale: run python -m canary.cli.pages" in capsys.readouterr().err
    assert not page.exists()
    assert pages.main(["--page", str(page)]) == 0
    assert page.read_text(encoding="utf-8") == pages.page()


def test_each_command_has_a_section_with_all_its_options() -> None:
    sections = dict(part.split("\n", 1) for part in pages.page().split("\n## canary ")[1:])
    assert list(sections) == list(COMMANDS)
    for name, command in PEOPLE.items():
        for option in command.options:
            assert f"`{', '.join(option.names)}" in sections[name]
        for example in command.examples:
            assert example.format(program="canary") in sections[name]
    for option in ("--filename", "--load", "--api-port", "--traffic-port", "--prometheus-port"):
        assert option in sections["sandbox"]


def cells(area: str) -> list[str]:
    """What runs and what is refused in a row of the table."""
    rows = [line.strip("| ").split(" | ") for line in compatibility.table().splitlines()]
    return next(row[1:] for row in rows if row[0] == area)


def test_each_value_that_the_api_knows_stands_on_one_side() -> None:
    for area, known in (("`provider`", Provider), ("MetricTemplate", ProviderType)):
        runs, refused = (cell.split(", ") for cell in cells(area))
        both = [name.strip("`") for name in (*runs, *refused) if name != "-"]
        assert sorted(both) == sorted(get_args(known))


def test_what_is_refused_moves_to_the_other_side(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "`suspend`" in cells("strategies")[0]
    row = support._Row("spec.suspend", lambda canary: canary.spec.suspend, "accepted is false")
    monkeypatch.setattr(support, "_TABLE", (*support._TABLE, row))
    runs, refused = cells("strategies")
    assert "`suspend`" in refused
    assert "`suspend`" not in runs
