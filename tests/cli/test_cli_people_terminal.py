"""Tables, ages and colours."""

from __future__ import annotations

import io

import pytest

from canary.cli.terminal import Colour, Table, Terminal, plain, span

MINUTE, HOUR, DAY = 60, 3600, 86400


# kubectl's ages: HumanDuration of k8s.io/apimachinery, with the cases of its own test.
@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0s"),
        (0, "0s"),
        (1, "1s"),
        (70, "70s"),
        (119.9, "119s"),
        (2 * MINUTE, "2m"),
        (190, "3m10s"),
        (10 * MINUTE + 5, "10m"),
        (70 * MINUTE, "70m"),
        (3 * HOUR, "3h"),
        (5 * HOUR + 10 * MINUTE, "5h10m"),
        (8 * HOUR + 10 * MINUTE, "8h"),
        (47 * HOUR, "47h"),
        (49 * HOUR, "2d1h"),
        (8 * DAY + 2 * HOUR, "8d"),
        (367 * DAY, "367d"),
        (365 * 2 * DAY + 25 * HOUR, "2y1d"),
        (365 * 8 * DAY + 2 * HOUR, "8y"),
        (365 * 9 * DAY + 20 * DAY, "9y"),
    ],
)
def test_ages_are_kubectls(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_columns_are_aligned_and_empty_cells_are_visible() -> None:
    table = Table(("NAME", "X", "LAST"))
    rows = table.rows([("a", "1", "end"), ("a-long-name", "", "")])
    lines = [table.titles(), *rows]
    assert lines == [
        "NAME          X   LAST",
        "a             1   end",
        "a-long-name   -   -",
    ]


def test_columns_stay_where_they_are_while_rows_come_in() -> None:
    table = Table(("NAME", "LAST"))
    table.rows([("a-long-name", "x")])
    (row,) = table.rows([("b", "y")])
    assert row.index("y") == table.titles().index("LAST")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\tc", "a b c"),
        ("\x1b[31mred", "?[31mred"),
        ("\u202egpj.exe", "?gpj.exe"),
        (" ünïcode ✓ ", "ünïcode ✓"),
    ],
)
def test_control_characters_do_not_reach_the_terminal(text: str, shown: str) -> None:
    assert plain(text) == shown


class Screen(io.StringIO):
    """A stream that says of itself to be a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environ", "colour", "live"),
    [
        (Screen(), {"TERM": "xterm"}, True, True),
        (Screen(), {"TERM": "xterm", "NO_COLOR": "1"}, False, True),
        (Screen(), {"TERM": "xterm", "NO_COLOR": ""}, True, True),
        (Screen(), {"TERM": "dumb"}, False, False),
        (Screen(), {}, False, False),
        (io.StringIO(), {"TERM": "xterm"}, False, False),
    ],
)
def test_colour_only_where_a_terminal_shows_it(
    stream: io.StringIO, environ: dict[str, str], colour: bool, live: bool
) -> None:
    out = Terminal.of(stream, environ)
    assert (out.colour, out.live) == (colour, live)
    assert ("\x1b[32m" in out.paint("x", Colour.GOOD)) is colour


def test_a_name_that_the_locale_can_not_show_does_not_end_the_program() -> None:
    raw = io.BytesIO()
    out = Terminal.of(io.TextIOWrapper(raw, encoding="ascii"), {})
    out.write("ünïcode")
    assert raw.getvalue() == b"?n?code\n" and out.boxes is False
