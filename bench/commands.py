"""How long a command takes that only prints, beside a Python that does nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

NOTHING = (sys.executable, "-c", "pass")
HELP = (str(Path(sys.executable).with_name("canary")), "--help")


def wall(command: Sequence[str]) -> float:
    """Seconds from start to end of ``command``; raises CalledProcessError if it fails."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def yardstick(repeat: int) -> float:
    """Seconds of CPU time of ``python -c pass``, the least of ``repeat``: what CPU times are
    compared to. Unlike time on the wall it is hardly longer on a busy machine."""
    return min(_cpu(NOTHING) for _ in range(repeat))


def _cpu(command: Sequence[str]) -> float:
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def help_figures(repeat: int) -> Iterator[str]:
    """The two commands in turn, so that what else the machine does weighs on both."""
    pairs = [(wall(NOTHING), wall(HELP)) for _ in range(repeat)]
    nothing, help_ = (min(column) for column in zip(*pairs, strict=True))
    yield (
        f"canary --help: {help_ * 1000:.0f} ms, {help_ / nothing:.2f} x python -c pass "
        f"({nothing * 1000:.0f} ms), least of {repeat}"
    )
