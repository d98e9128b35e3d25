"""What ``canary sandbox`` takes on a laptop: seconds until it is ready, and memory of all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from bench.process import ROOT, Child, until

_READY = re.compile(r"ready after ([\d.]+) s")
_STARTED = 5_000_000
"""Bytes of a pod's process that has got beyond its start."""
_PARTS = {"envoy": "Envoy", "prometheus": "Prometheus", "app.py": "pods"}


class Sandbox(Child):
    """A sandbox with the demo's manifests and load."""

    def __init__(self) -> None:
        folder = str(ROOT / "examples" / "demo")
        super().__init__("canary.cli.main", "sandbox", "-f", folder, "--load", "50")

    def ready(self) -> float:
        """Wait until it says that it is ready; gives the seconds that it says."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := _READY.search(line):
                return float(found[1])
        raise self.stalled("the sandbox didn't start")

    def memory(self) -> dict[str, int]:
        """Resident bytes of its processes by part; pages that they share are counted in each."""
        parts: dict[str, int] = {}
        for pid in (self.process.pid, *children(self.process.pid)):
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            names = {Path(argument).name for argument in command[:4]}
            part = next((_PARTS[name] for name in _PARTS if name in names), "the rest")
            parts[part] = parts.get(part, 0) + resident(pid)
        return parts


def children(parent: int) -> list[int]:
    """Process ids of the children of a process, and of theirs."""
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    own = [int(pid) for pid in listed]
    return own + [pid for child in own for pid in children(child)]


def resident(pid: int) -> int:
    """Resident bytes of a process."""
    text = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in text.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


def sandbox_figures(repeat: int) -> Iterator[str]:
    """The least start of several, and the memory of the last with its pod serving."""
    starts, memory = [], dict[str, int]()
    for _ in range(repeat):
        with Sandbox() as sandbox:
            starts.append(sandbox.ready())
            until(lambda: sandbox.memory().get("pods", 0) > _STARTED, "pod", limit=60)
            memory = sandbox.memory()
    yield f"canary sandbox: ready after {min(starts):.1f} s (most: {max(starts):.1f} s)"
    shown = ", ".join(f"{part} {size / 1e6:.0f} MB" for part, size in memory.items())
    yield f"canary sandbox: {sum(memory.values()) / 1e6:.0f} MB of memory ({shown})"
