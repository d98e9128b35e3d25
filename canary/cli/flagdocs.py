"""The flags in words: for ``canary run -h``, and for the table in ``docs/operations.md``.

``python -m canary.cli.flagdocs`` writes the table between its two markers; with ``--check`` it
writes nothing and fails when the page isn't what would be written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from canary.cli import generated
from canary.cli.flags import FLAGS, Flag, Kind, Standing

BEGIN = "<!-- flags: written by python -m canary.cli.flagdocs -->"
END = "<!-- end of flags -->"


def usage(program: str) -> str:
    """The help text of ``run``."""
    lines = [
        f"Usage: {program} run [flags]",
        "",
        "One dash or two; -flag=value or -flag value; switches as -flag or -flag=true|false.",
        "",
        *_section("Flags:", Standing.APPLIES, Standing.NO_EFFECT),
        *_section("Flags of Flagger that aren't supported yet:", Standing.REFUSED),
        "Accepted and ignored: "
        + ", ".join(f"-{flag.name}" for flag in FLAGS if flag.standing is Standing.IGNORED),
    ]
    return "\n".join(lines) + "\n"


def _section(title: str, *standings: Standing) -> Iterator[str]:
    yield title
    for flag in FLAGS:
        if flag.standing in standings:
            kind = "" if flag.kind is Kind.SWITCH else f" ({flag.kind})"
            yield f"  -{flag.name}{kind}"
            yield f"        {_explained(flag)}"
    yield ""


def _explained(flag: Flag) -> str:
    text = flag.help
    if flag.accepted:
        text += f": {', '.join(flag.accepted)}"
    if flag.default:
        text += f" (default {flag.default})"
    return text


def table() -> str:
    """The flags as Markdown."""
    rows = ["| flag | default | environment | meaning | here |", "|---|---|---|---|---|"]
    for flag in FLAGS:
        default = f"`{flag.default}`" if flag.default else ""
        variable = f"`{flag.environment}`" if flag.environment else ""
        meaning = flag.help
        if flag.accepted:
            meaning += ": " + ", ".join(f"`{value}`" for value in flag.accepted)
        rows.append(f"| `-{flag.name}` | {default} | {variable} | {meaning} | {flag.standing} |")
    return "\n".join(rows)


def updated(page: str) -> str:
    """``page`` with the table of today between its markers; raises ValueError without them."""
    return generated.between(page, BEGIN, END, table())


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the page; 1 when it is stale."""
    return generated.main("canary.cli.flagdocs", __doc__, "docs/operations.md", updated, arguments)


if __name__ == "__main__":
    sys.exit(main())
