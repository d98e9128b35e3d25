"""A local Git repository, and what a GitOps tool does with it: poll, and apply."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from canary.sandbox.live.manifests import Applier, BadManifest, parsed

MANAGER = "kustomize-controller"
"""The field manager that Flux applies with."""
POLL = 0.5
"""Seconds between looks at the repository."""
RESYNC = 10.0
"""Seconds after which the same commit is applied again, as against drift."""

_AUTHOR = ("-c", "user.name=demo", "-c", "user.email=demo@example.invalid")
_PLAIN = ("-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main")


class GitFailed(Exception):
    """There is no git, or a git command failed."""


class Repository:
    """A repository of its own in ``folder``, untouched by what the user has configured."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        self._environment = kept | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}

    async def create(self) -> None:
        """Make the folder a repository. Raises GitFailed."""
        self.folder.mkdir(parents=True)
        await self._git("init", "--quiet")

    async def commit(self, file: str, text: str, message: str) -> str:
        """Commit ``text`` as ``file``; gives the short name of the commit. Raises GitFailed."""
        (self.folder / file).write_text(text, encoding="utf-8")
        await self._git("add", "--", file)
        await self._git("commit", "--quiet", "-m", message)
        return (await self._git("rev-parse", "--short", "HEAD")).strip()

    async def head(self) -> str:
        """The commit that is checked out; empty before the first one."""
        return (await self._git("rev-list", "--max-count=1", "--all")).strip()

    async def show(self, commit: str) -> dict[str, str]:
        """The files of a commit, name to text."""
        names = (await self._git("ls-tree", "-r", "--name-only", commit)).splitlines()
        return {name: await self._git("show", f"{commit}:{name}") for name in names}

    async def _git(self, *arguments: str) -> str:
        program = shutil.which("git")
        if program is None:
            raise GitFailed("no git on PATH: the demo commits to a local repository, install git")
        process = await asyncio.create_subprocess_exec(
            *(program, *_AUTHOR, *_PLAIN, "-C", str(self.folder), *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment,
            # Ctrl-C is for the demo: a git that it hit as well would be reported as a failure.
            start_new_session=True,
        )
        out, complaint = await process.communicate()
        if process.returncode:
            text = " ".join(complaint.decode(errors="replace").split())
            raise GitFailed(f"git {arguments[0]} failed: {text}")
        return out.decode()


async def follow(repository: Repository, applier: Applier, applied: Callable[[str], None]) -> None:
    """Apply each new commit, and the last one now and then; ``applied`` hears of commits.

    What is refused is tried again at the next look. Raises GitFailed.
    """
    loop = asyncio.get_running_loop()
    last, due = "", 0.0
    while True:
        head = await repository.head()
        if head and (head != last or loop.time() >= due):
            files = await repository.show(head)
            documents = [one for name, text in files.items() for one in parsed(text, name)]
            try:
                await applier.apply(documents)
            except BadManifest:
                # A tool in a cluster would say so and go on; so does this one, at the next look.
                last = ""
            else:
                if head != last:
                    applied(head)
                last, due = head, loop.time() + RESYNC
        await asyncio.sleep(POLL)
