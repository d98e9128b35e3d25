"""What workloads run, as digests that are looked up many times between two changes."""

from __future__ import annotations

from functools import lru_cache

import orjson

from canary.kube.resources import Obj
from canary.workloads.revision import template_digest
from canary.workloads.targets import TargetKind

TEMPLATES = 2048
"""Pod templates whose digests and differences are remembered: those of hundreds of rollouts."""


def content_digest(kind: TargetKind, live: Obj) -> str:
    """The digest of what a workload runs."""
    return _digest(orjson.dumps(kind.content(live)))


@lru_cache(maxsize=TEMPLATES)
def _digest(content: bytes) -> str:
    return template_digest(orjson.loads(content))
