"""Running the programs that build, without getting in the way of whoever sits at the machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

_NICE = ("nice", "-n", "10")


class BuildFailed(Exception):
    """A piece can't be built; the text says which step and why."""


def run(command: Sequence[str], folder: Path) -> str:
    """What ``command`` prints, run in ``folder``. Raises BuildFailed."""
    flags = f"{os.environ.get('GOFLAGS', '')} -p=2".strip()
    # apt drops to a user of its own for downloads where it may write, and warns where not.
    done = subprocess.run(
        [*_NICE, *command],
        cwd=folder,
        env={**os.environ, "GOFLAGS": flags},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).splitlines()[-15:])
        raise BuildFailed(f"{' '.join(command)} failed ({done.returncode}):\n{last}")
    return done.stdout
