"""Durations: Go's grammar and Go's way of writing them. Expected values: analysis.md 3, and Go."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.duration import DurationError, format_go, parse


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1m30s", 90),
        ("500ms", 0.5),
        ("1.5h", 5400),
        ("-3s", -3),
        ("+3s", 3),
        ("0", 0),
        ("-0", 0),
        ("00s", 0),
        ("1.s", 1),
        (".5s", 0.5),
        ("1h1m1s1ms1us1ns", 3661.001001001),
        ("1µs", 1e-6),
        ("1μs", 1e-6),
        ("1s1s", 2),
        ("1s1h", 3601),
        ("2562047h", 2562047 * 3600),
    ],
)
def test_what_go_reads(text, seconds):
    assert parse(text) == pytest.approx(seconds, rel=1e-12)


# The second column is what Go 1.26 says.
@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", 'time: invalid duration ""'),
        ("-", 'time: invalid duration "-"'),
        ("s", 'time: invalid duration "s"'),
        (".s", 'time: invalid duration ".s"'),
        (" 1s", 'time: invalid duration " 1s"'),
        ("+-1s", 'time: invalid duration "+-1s"'),
        ("1h-1m", 'time: unknown unit "h-" in duration "1h-1m"'),
        ("1", 'time: missing unit in duration "1"'),
        ("1m30", 'time: missing unit in duration "1m30"'),
        ("1..5s", 'time: missing unit in duration "1..5s"'),
        ("1min", 'time: unknown unit "min" in duration "1min"'),
        ("1d", 'time: unknown unit "d" in duration "1d"'),
        ("1S", 'time: unknown unit "S" in duration "1S"'),
        ("1 s", 'time: unknown unit " s" in duration "1 s"'),
        ("1e3s", 'time: unknown unit "e" in duration "1e3s"'),
        ("3000000h", 'time: invalid duration "3000000h"'),
        ("9223372036854775808ns", 'time: invalid duration "9223372036854775808ns"'),
    ],
)
def test_what_go_refuses_in_its_words(text, error):
    with pytest.raises(DurationError) as caught:
        parse(text)
    assert str(caught.value) == error


@pytest.mark.parametrize("text", ["１s", "١s", "1\n", "1s\n", "nan", "inf"])
def test_only_ascii_and_nothing_around_it(text):
    with pytest.raises(DurationError):
        parse(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        # analysis.md 3, "Number formats"
        (0, "0s"),
        (0.001, "1ms"),
        (0.5, "500ms"),
        (1, "1s"),
        (1.515, "1.515s"),
        (60, "1m0s"),
        (61.5, "1m1.5s"),
        (3600, "1h0m0s"),
        (5025, "1h23m45s"),
        (86400, "24h0m0s"),
        # Go 1.26
        (0.0000015, "1.5µs"),
        (0.000000001, "1ns"),
        (0.0015, "1.5ms"),
        (0.999999999, "999.999999ms"),
        (59.999999999, "59.999999999s"),
        (-1.5, "-1.5s"),
        (-0.0005, "-500µs"),
        (-3600, "-1h0m0s"),
        (1e-12, "0s"),
        (-1e-12, "0s"),
    ],
)
def test_written_as_go_does(seconds, text):
    assert format_go(seconds) == text


# Up to 13 days a double of seconds tells nanoseconds apart, with room for roundings on the way.
NANOSECONDS = st.integers(min_value=-(2**50), max_value=2**50)


@given(NANOSECONDS)
def test_what_is_written_reads_back_to_the_nanosecond(nanoseconds):
    assert round(parse(format_go(nanoseconds / 1e9)) * 1e9) == nanoseconds


@given(NANOSECONDS)
def test_what_is_written_has_no_needless_part(nanoseconds):
    text = format_go(nanoseconds / 1e9).lstrip("-")
    if text == "0s":
        assert nanoseconds == 0
        return
    assert text[0] != "0" and not text.startswith(".")
    assert "." not in text or text.rstrip("hmsnµ")[-1] != "0"


@given(st.text(alphabet="0123456789.+-hmsnuµ x", max_size=12))
def test_no_text_raises_anything_else(text):
    with suppress(DurationError):
        assert abs(parse(text)) < 2**63 / 1e9
