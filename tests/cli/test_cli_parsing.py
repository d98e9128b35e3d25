"""Command lines as Go's flag package reads them (operations.md section 2)."""

from __future__ import annotations

import pytest

from canary.cli.flags import Flag, Kind
from canary.cli.goflags import HelpAsked, UsageError, parse

FLAGS = {
    "text": Flag("text", Kind.TEXT, "", "a text"),
    "on": Flag("on", Kind.SWITCH, "false", "a switch"),
    "v": Flag("v", Kind.TEXT, "", "one letter"),
}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", {}),
        ("-text=a", {"text": "a"}),
        ("--text=a", {"text": "a"}),
        ("-text a", {"text": "a"}),
        ("--text a", {"text": "a"}),
        ("-text=", {"text": ""}),
        ("-text=a=b", {"text": "a=b"}),
        ("-text -on", {"text": "-on"}),
        ("-text=a -text=b", {"text": "b"}),
        ("-v 4 -on", {"v": "4", "on": "true"}),
        ("-on", {"on": "true"}),
        ("--on=true", {"on": "true"}),
        ("-on=T", {"on": "true"}),
        ("-on=1", {"on": "true"}),
        ("-on=0", {"on": "false"}),
        ("-on=False", {"on": "false"}),
        ("-on --", {"on": "true"}),
    ],
)
def test_what_is_accepted(line: str, expected: dict[str, str]) -> None:
    assert parse(line.split(), FLAGS) == expected


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("-other", "flag provided but not defined: -other"),
        ("--other=1", "flag provided but not defined: -other"),
        ("-text", "flag needs an argument: -text"),
        ("---text=a", "bad flag syntax: ---text=a"),
        ("-=a", "bad flag syntax: -=a"),
        ("-on=yes", "'yes'"),
        # Go would stop here and ignore what follows, other flags included.
        ("-on true -text=a", "'true'"),
        ("stray", "'stray'"),
        ("-- -text=a", "'-text=a'"),
        ("-", "'-'"),
    ],
)
def test_what_is_refused(line: str, named: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(line.split(), FLAGS)
    assert named in str(caught.value)


@pytest.mark.parametrize("line", ["-h", "--help", "-help", "-on -h"])
def test_help(line: str) -> None:
    with pytest.raises(HelpAsked):
        parse(line.split(), FLAGS)
