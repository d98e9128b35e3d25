"""The engine's CRDs as they lie in ``crds/``, parsed once for all tests of a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import orjson
import yaml

FOLDER = Path(__file__).parents[2] / "crds"


@cache
def bodies() -> tuple[bytes, ...]:
    """Each definition as the JSON that a client sends, in the order of their files."""
    paths = sorted(FOLDER.glob("*.yaml"))
    return tuple(orjson.dumps(yaml.safe_load(path.read_text("utf-8"))) for path in paths)


def own_crds() -> list[dict[str, Any]]:
    """The definitions; each call gives new ones that a test may change."""
    return [orjson.loads(body) for body in bodies()]
