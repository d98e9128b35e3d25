"""Becomes another program, after making sure that it can't outlive the sandbox. A script.

``launch.py FD PARENT PROGRAM ARGUMENT...``: FD is the pipe to the warden. The process reports
itself before it becomes the program, so that there is no moment in which nobody knows of it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Report, bind to the parent's life where the system can, and exec."""
    pipe, parent, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    os.write(pipe, f"+{os.getpid()}\n".encode())
    os.close(pipe)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            # The parent died before the kernel was told.
            os._exit(1)
    os.execv(program[0], program)


if __name__ == "__main__":
    main()
