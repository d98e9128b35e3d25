"""Image tags and what they ask for, as the table of docs/cluster.md says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from e2e.stack.image import Behaviour, PullFailure, UnknownBehaviour, behaviour, tag_of

TABLE = Path(__file__).resolve().parents[2] / "docs" / "cluster.md"


@pytest.mark.parametrize(
    ("image", "tag"),
    [
        ("app", "latest"),
        ("app:1.0.0", "1.0.0"),
        # The colon of a registry's port is no tag's.
        ("registry.example:5000/team/app", "latest"),
        ("registry.example:5000/team/app:2.1", "2.1"),
        ("app:3.0.0-bad30@sha256:0123", "3.0.0-bad30"),
        ("app@sha256:0123", "latest"),
    ],
)
def test_a_tag_is_what_follows_the_last_colon_of_the_name(image: str, tag: str) -> None:
    assert tag_of(image) == tag


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("1.0.0", Behaviour()),
        ("2.0.0-bad", Behaviour(bad=30)),
        ("2.0.0-light", Behaviour(light=True)),
        ("2.0.0-bad0", Behaviour(bad=0)),
        ("2.0.0-bad100", Behaviour(bad=100)),
        ("2.0.0-slow250ms", Behaviour(slow=0.25)),
        ("2.0.0-startup5s", Behaviour(startup=5.0)),
        ("2.0.0-unready1m", Behaviour(unready=60.0)),
        ("2.0.0-crash", Behaviour(crash=0.0)),
        ("2.0.0-crash10s", Behaviour(crash=10.0)),
        ("2.0.0-neverready", Behaviour(ready=False)),
        ("2.0.0-drain0s", Behaviour(drain=0.0)),
        ("2.0.0-stubborn", Behaviour(stubborn=True)),
        ("2.0.0-bad30-slow1s", Behaviour(bad=30, slow=1.0)),
    ],
)
def test_each_word_changes_one_thing(tag: str, expected: Behaviour) -> None:
    assert behaviour(f"app:{tag}") == expected


@pytest.mark.parametrize("word", ["rc1", "bad101", "slow250", "slowms", "crashed", ""])
def test_a_word_without_a_meaning_is_refused_by_name(word: str) -> None:
    with pytest.raises(UnknownBehaviour, match=f"'{word}'"):
        behaviour(f"app:1.0.0-{word}")


def test_an_image_can_be_one_that_is_not_there() -> None:
    with pytest.raises(PullFailure, match="not found"):
        behaviour("app:1.0.0-nopull")


def test_every_word_of_the_documented_table_works() -> None:
    words = re.findall(r"^\| `-(\w+)`", TABLE.read_text(), re.MULTILINE)
    assert len(words) >= 10
    for word in words:
        if word == "nopull":
            continue
        assert behaviour(f"app:1-{word}") != Behaviour(), word
