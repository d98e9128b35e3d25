"""The demo's parts: the repository, what users saw, what is shown, and when it has failed."""

from __future__ import annotations

import io
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from canary.cli import demo, demo_view
from canary.cli.terminal import Terminal
from canary.sandbox.live.gitops import GitFailed, Repository
from canary.sandbox.live.load import Tally
from canary.sandbox.live.progress import Answers, Progress
from canary.sandbox.live.story import ACTS, START, Result, manifest, problem

GOOD, BAD = ACTS
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="no git on PATH")


@needs_git
@pytest.mark.asyncio
async def test_a_commit_is_what_is_shown(tmp_path, monkeypatch):
    # What the user's shell or configuration says must not reach another repository.
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    repository = Repository(tmp_path / "repository")
    await repository.create()
    assert await repository.head() == ""
    first = await repository.commit("shop.yaml", "a: ä\n", "first")
    assert (await repository.head()).startswith(first)
    second = await repository.commit("shop.yaml", "a: 2\n", "second")
    assert await repository.show(first) == {"shop.yaml": "a: ä\n"}
    assert await repository.show(second) == {"shop.yaml": "a: 2\n"}
    assert not (tmp_path / "elsewhere").exists()


@needs_git
@pytest.mark.asyncio
async def test_a_git_that_fails_says_why(tmp_path):
    repository = Repository(tmp_path / "repository")
    await repository.create()
    with pytest.raises(GitFailed, match="git ls-tree failed: fatal: Not a valid object name"):
        await repository.show("nonsense")


@pytest.mark.asyncio
async def test_without_git_one_line_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitFailed, match="no git on PATH"):
        await Repository(tmp_path / "repository").create()


def test_what_users_saw():
    before = Tally(Counter({("1", 200): 10, ("", 0): 1}))
    now = Tally(Counter({("1", 200): 15, ("2", 500): 2, ("2", 404): 3, ("", 503): 4, ("", 0): 6}))
    found = now.since(before)
    assert found.total == 19
    # No answer, 500 and above; what a client did wrong is no failure of the application.
    assert found.failed == 2 + 4 + 5
    assert found.of("2") == 5


ENDED = Progress(phase="Succeeded", image=GOOD.image)
SEEN = Tally(Counter({(GOOD.revision, 200): 5}))
RESULT = Result(GOOD, ENDED, SEEN, (0, 20, 0), 20.0)


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (RESULT, ""),
        (replace(RESULT, last=replace(ENDED, phase="Failed")), "the phase is Failed"),
        (replace(RESULT, last=replace(ENDED, image="shop:1.0.0")), "users get shop:1.0.0"),
        (replace(RESULT, last=replace(ENDED, weight=5)), "still has a weight of 5"),
        (replace(RESULT, tally=Tally(Counter({("1.0.0", 200): 9}))), "no request of a user"),
        (replace(RESULT, weights=(0,)), "the weight never rose"),
    ],
)
def test_only_what_was_observed_counts(result, why):
    found = problem(result)
    assert why in found if why else found == ""


def test_a_bad_revision_that_gets_promoted_is_a_failure():
    promoted = Progress(phase="Succeeded", image=BAD.image)
    tally = Tally(Counter({(BAD.revision, 500): 5}))
    assert "and not Failed" in problem(Result(BAD, promoted, tally, (0, 20, 0), 20.0))


def test_the_manifest_of_the_examples_is_the_demos():
    assert f"image: {START.image}" in manifest(demo._EXAMPLE)


def test_a_manifest_with_another_image_is_refused(tmp_path):
    (tmp_path / "shop.yaml").write_text("image: mine:1\n")
    with pytest.raises(ValueError, match=r"'image: shop:1\.0\.0' is not in it"):
        manifest(Path(tmp_path))


LOOK = Progress(
    phase="Progressing",
    weight=40,
    failed_checks=1,
    threshold=2,
    reason="success rate 70% < 99%",
    next_step=3.2,
    primary=Answers(150, 0),
    canary=Answers(50, 5),
)


def test_a_line_says_all_of_it():
    text = demo_view.line(LOOK, 12.34)
    for part in (
        " 12.3s",
        "Progressing",
        "canary  40 %",
        "at the proxy 25 %",
        "success 90.0 %",
        "next step in 3 s",
        "failed checks 1 of 2",
        "success rate 70% < 99%",
    ):
        assert part in text


def test_without_a_terminal_a_line_comes_for_a_change_and_no_escape_ever():
    out = io.StringIO()
    view = demo_view.View(Terminal.of(out, {"TERM": "xterm"}), began=0.0)
    view.show(GOOD, "abc", LOOK, 1.0)
    view.show(GOOD, "abc", replace(LOOK, next_step=2.0, canary=Answers(60, 5)), 2.0)
    view.show(GOOD, "abc", replace(LOOK, weight=60), 3.0)
    view.say(*demo_view.outcome(view.terminal, RESULT))
    assert out.getvalue().count("Progressing") == 2
    assert "\x1b" not in out.getvalue()


def test_a_panel_is_drawn_over_and_cleared():
    out = io.StringIO()
    view = demo_view.View(Terminal(out, colour=False, boxes=False, live=True), began=0.0)
    view.show(GOOD, "abc", LOOK, 1.0)
    rows = out.getvalue().count("\n")
    assert not out.getvalue().startswith("\x1b[0A")
    view.show(GOOD, "abc", LOOK, 1.2)
    # Up by exactly what was drawn: one more would eat what stands above.
    assert out.getvalue().count(f"\x1b[{rows}A") == 1
    view.say("the end")
    view.say("and more")
    assert out.getvalue().endswith(f"\x1b[{rows}A\x1b[Jthe end\nand more\n")


def test_a_panel_fits_the_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    long = replace(LOOK, reason="word " * 100)
    terminal = Terminal(io.StringIO(), colour=False, boxes=True, live=True)
    lines = demo_view.panel(terminal, GOOD, "abc", long)
    assert max(map(len, lines)) <= 60
    assert len(lines) <= 12


def test_text_of_others_cannot_steer_the_terminal():
    assert "\x1b" not in demo_view.line(replace(LOOK, reason="\x1b[2Jgone"), 1.0)
