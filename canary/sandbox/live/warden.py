"""Outlives the sandbox for a moment: kills what it leaves behind, however it ended. A script.

``warden.py FOLDER``: standard input is a pipe that only the sandbox (and a starting child) holds
open. ``+PID`` is a child that leads a process group, ``-PID`` one that has ended. When the pipe
closes, the groups that are left are killed and FOLDER is removed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys


def main() -> None:
    """Read until the pipe closes, then clean up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    living: set[int] = set()
    for line in sys.stdin:
        change, pid = line[0], int(line[1:])
        if change == "+":
            living.add(pid)
        else:
            living.discard(pid)
    for pid in living:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    shutil.rmtree(sys.argv[1], ignore_errors=True)


if __name__ == "__main__":
    main()
