"""The demo from its start to its end, as people see it."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
import time

from canary.cli.demo_view import View, outcome, summary
from canary.cli.sandbox_session import FAILURES, until_signal
from canary.cli.terminal import Terminal
from canary.sandbox.live.gitops import GitFailed
from canary.sandbox.live.progress import Progress
from canary.sandbox.live.sandbox import Sandbox, Wanted, running
from canary.sandbox.live.story import ACTS, START, Act, EngineEnded, Result, Story, manifest

LOAD = 50.0
"""Requests of users a second."""
INTERRUPTED = 130
"""The exit code after Ctrl-C."""

_NEXT = """
Where to go next
  examples/README.md      the demo step by step, with kubectl, and what image tags can do
  {sandbox:<22}  a cluster to try things in
  docs/operations.md      the engine in a real cluster
  docs/design.md          how it decides"""


def session(program: str, options: argparse.Namespace) -> int:
    """Tell the story; 0 when all was as it has to be."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    terminal = Terminal.of(sys.stdout, os.environ)
    view = View(terminal, time.monotonic())
    try:
        text = manifest(options.manifests)
        code = until_signal(_demo(program, view, text))
    except (*FAILURES, GitFailed, EngineEnded, ValueError, OSError) as error:
        view.say()
        print(f"{program} demo: {error}", file=sys.stderr)
        return 1
    if code is None:
        view.say("interrupted: everything that was started is gone")
        return INTERRUPTED
    return code


async def _demo(program: str, view: View, text: str) -> int:
    async with running(Wanted(load=LOAD)) as sandbox:
        seconds = time.monotonic() - view.began
        view.say(
            f"The sandbox is ready after {seconds:.1f} s: API server, Envoy, Prometheus, "
            f"{LOAD:g} requests a second."
        )
        results = await _told(sandbox, view, text)
    view.say(*summary(view.terminal, results))
    if len(results) < 1 + len(ACTS) or any(result.problem for result in results):
        return 1
    view.say(*_NEXT.format(sandbox=f"{program} sandbox -h").splitlines())
    return 0


async def _told(sandbox: Sandbox, view: View, text: str) -> list[Result]:
    """The acts, up to the first one that didn't come to what it had to."""

    def show(act: Act, commit: str, found: Progress) -> None:
        view.show(act, commit, found, time.monotonic())

    story = Story(sandbox, text, show)
    await story.repository.create()
    engine = await story.engine()
    gitops = asyncio.create_task(story.gitops(), name="gitops")
    broken = asyncio.create_task(sandbox.failed(), name="sandbox")
    ended = asyncio.create_task(engine.process.wait(), name="engine")
    results: list[Result] = []
    try:
        for act in (START, *ACTS):
            view.say("", f"{act.title}: {act.image} is committed")
            play = asyncio.create_task(story.play(act), name="act")
            try:
                await asyncio.wait(
                    {play, gitops, broken, ended}, return_when=asyncio.FIRST_COMPLETED
                )
                if gitops.done():
                    await gitops
                if broken.done():
                    raise broken.result()
                if ended.done():
                    raise EngineEnded(f"the engine ended: {engine.tail()}")
                results.append(play.result())
            finally:
                play.cancel()
            view.say(*outcome(view.terminal, results[-1]))
            if results[-1].problem:
                break
    finally:
        for task in (gitops, broken, ended):
            task.cancel()
    return results
