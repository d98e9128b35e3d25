"""What an image tag says about how the application behaves.

| part of the tag | the application |
|---|---|
| (none of these) | is healthy: ready at once, 200 for everything |
| ``-bad30`` | answers 30 % of requests with 500; evenly spread, so that shares are exact |
| ``-slow250ms``, ``-slow2s`` | answers each request after that time |
| ``-startup5s``, ``-startup500ms`` | isn't ready before that time has passed |
| ``-crash`` | exits with 1 soon after each start: a crash loop |
| ``-neverready`` | runs, and never passes its readiness probe |

Parts can be joined: ``shop:1.2.0-bad5-slow100ms``. Anything else in a tag means nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SHARE = re.compile(r"bad([0-9]{1,2}|100)")
_TIMED = re.compile(r"(slow|startup)([0-9]{1,6})(ms|s)")


@dataclass(frozen=True, slots=True)
class Application:
    """How one revision of an application behaves; times in seconds, ``fails`` in percent."""

    revision: str
    fails: int = 0
    delay: float = 0.0
    startup: float = 0.0
    crashes: bool = False
    ready: bool = True

    def arguments(self) -> list[str]:
        """The same as a command line of ``app.py``."""
        found = ["--revision", self.revision]
        found += ["--fails", str(self.fails)] if self.fails else []
        found += ["--delay", str(self.delay)] if self.delay else []
        found += ["--startup", str(self.startup)] if self.startup else []
        found += ["--crashes"] if self.crashes else []
        return found + ([] if self.ready else ["--never-ready"])


def tag(image: str) -> str:
    """The tag of an image reference; ``latest`` when it has none."""
    name = image.partition("@")[0].rpartition("/")[2]
    return name.partition(":")[2] or "latest"


def application(image: str) -> Application:
    """The behaviour that the tag of ``image`` names."""
    revision = tag(image)
    fails, delay, startup, crashes, ready = 0, 0.0, 0.0, False, True
    for part in revision.split("-")[1:]:
        share, timed = _SHARE.fullmatch(part), _TIMED.fullmatch(part)
        if share:
            fails = int(share[1])
        elif timed:
            seconds = int(timed[2]) / (1000 if timed[3] == "ms" else 1)
            if timed[1] == "slow":
                delay = seconds
            else:
                startup = seconds
        elif part == "crash":
            crashes = True
        elif part == "neverready":
            ready = False
    return Application(revision, fails, delay, startup, crashes, ready)


def of_template(template: Mapping[str, Any]) -> Application:
    """The behaviour of a pod template: that of its first container."""
    containers = (template.get("spec") or {}).get("containers") or [{}]
    return application(str(containers[0].get("image") or ""))
