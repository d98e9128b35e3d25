"""The picture of the demo is drawn from what a terminal was sent."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
_SPEC = importlib.util.spec_from_file_location("picture", ROOT / "docs" / "picture.py")
picture = importlib.util.module_from_spec(_SPEC)
sys.modules["picture"] = picture
_SPEC.loader.exec_module(picture)


def shown(text: str, columns: int = 20) -> str:
    screen = picture.Screen(columns)
    screen.feed(text)
    return screen.text()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\r\n", "a\nb"),
        ("one\r\ntwo\r\n\x1b[2Ax\x1b[K\r\n", "x\ntwo"),
        ("one\r\ntwo\r\n\x1b[2Ax\x1b[K\r\n\x1b[J", "x"),
        ("abc\rx", "xbc"),
        ("\x1b[31mred\x1b[0m plain", "red plain"),
        ("a" * 25, "a" * 20 + "\n" + "a" * 5),
    ],
)
def test_the_screen_obeys_a_terminals_sequences(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_colours_and_places_are_kept() -> None:
    screen = picture.Screen(40)
    screen.feed("ab \x1b[32mok\x1b[0m <&>\r\n")
    root = ElementTree.fromstring(picture.svg(screen))
    runs = [(one.text, one.get("style")) for one in root.iter() if one.tag.endswith("text")]
    assert runs == [("ab ", None), ("ok", picture.STYLES["32"]), (" <&>", None)]
    places = [float(one.get("x")) for one in root.iter() if one.tag.endswith("text")]
    assert places == pytest.approx([16 + picture.CELL * column for column in (0, 3, 5)], abs=0.1)


FRAMES = """
for word in ("no", "yes 1", "yes 2", "no"):
    print(end=f"\\r{word}\\x1b[K\\n\\x1b[J\\x1b[1A")
"""


def test_the_last_screen_that_is_wanted_is_taken(tmp_path: Path) -> None:
    script = tmp_path / "frames.py"
    script.write_text(FRAMES)
    found = picture.recorded([sys.executable, str(script)], lambda text: "yes" in text)
    first, last = found.text().split("\n")
    assert first.startswith("$ python")
    assert last == "yes 2"


def test_a_run_that_fails_and_one_that_shows_nothing_are_told_apart() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        picture.recorded([sys.executable, "-c", "raise SystemExit(3)"], lambda text: True)
    with pytest.raises(ValueError, match="nothing like that was shown"):
        picture.recorded([sys.executable, "-c", "print('n' + 'o')"], lambda text: "yes" in text)


def test_the_picture_of_the_readme_is_one_of_the_demo() -> None:
    text = (ROOT / "docs" / "demo.svg").read_text(encoding="utf-8")
    assert "failed checks 1 of 2" in text
    assert "docs/demo.svg" in (ROOT / "README.md").read_text(encoding="utf-8")
