"""Pages, or parts of pages, that are written by the code they describe."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path


def between(page: str, begin: str, end: str, body: str) -> str:
    """``page`` with ``body`` between its two markers; raises ValueError without them."""
    before, found, rest = page.partition(begin)
    _, found_too, after = rest.partition(end)
    if not found or not found_too:
        raise ValueError(f"the page lacks the markers {begin!r} and {end!r}")
    return f"{before}{begin}\n\n{body}\n\n{end}{after}"


def main(
    module: str,
    about: str | None,
    page: str,
    updated: Callable[[str], str],
    arguments: Sequence[str] | None,
) -> int:
    """The command line of ``python -m module``: write the page, or with ``--check`` give 1 when it
    is stale. ``updated`` makes the page of today from that of yesterday."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=about)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when stale")
    parser.add_argument("--page", type=Path, default=Path(page))
    options = parser.parse_args(arguments)
    old = options.page.read_text(encoding="utf-8") if options.page.exists() else ""
    new = updated(old)
    if new == old:
        return 0
    if options.check:
        print(f"{options.page} is stale: run {parser.prog}", file=sys.stderr)
        return 1
    options.page.write_text(new, encoding="utf-8")
    print(f"wrote {options.page}")
    return 0
