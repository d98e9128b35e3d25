"""The page of commands, generated from their parsers.

``python -m canary.cli.pages`` writes ``docs/cli.md``; with ``--check`` it writes nothing and fails
when the page isn't what would be written.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from canary.cli import demo, generated, parsers, sandbox
from canary.cli.commands import PEOPLE
from canary.cli.main import COMMANDS

_PROGRAM = "canary"
_HEAD = """\
<!-- Written by `python -m canary.cli.pages`. Change the parsers, not this page. -->

# Commands

`canary COMMAND`, or `kubectl canary COMMAND` where `kubectl-canary` is on PATH. `canary COMMAND
--help` prints what stands here. Commands that look at a cluster use the kubeconfig as kubectl does.
There is no colour without a terminal or with `NO_COLOR`.

Exit codes, where a command says nothing else: 0 done, 1 failed, 2 the command line was not
understood.
"""
_ELSEWHERE = {
    "run": "Its flags are those of Flagger: [operations.md](operations.md) has the table.",
    "version": "",
    "diagram": "",
}
"""Commands without options of their own kind, and where to read on."""


def page() -> str:
    """The whole page."""
    return "\n".join(
        [_HEAD, *_table(), "", *(line for name in COMMANDS for line in _section(name))]
    )


def _table() -> Iterator[str]:
    yield from ("| command | what it does |", "|---|---|")
    for name, command in COMMANDS.items():
        yield f"| [`{name}`](#{_PROGRAM}-{name}) | {command.help} |"


def _section(name: str) -> Iterator[str]:
    yield from (f"## {_PROGRAM} {name}", "")
    if name in _ELSEWHERE:
        yield from (parsers.sentence(COMMANDS[name].help), "")
        if _ELSEWHERE[name]:
            yield from (_ELSEWHERE[name], "")
        return
    parser = _parser(name)
    yield from (str(parser.description), "")
    rows = [row for action in parser._actions if (row := _row(action))]
    if rows:
        yield from ("| argument | meaning |", "|---|---|", *rows, "")
    if parser.epilog:
        yield from ("```text", *parser.epilog.splitlines(), "```", "")


def _parser(name: str) -> argparse.ArgumentParser:
    if name in PEOPLE:
        return parsers.parser(_PROGRAM, name, PEOPLE[name])
    return {"sandbox": sandbox.parser, "demo": demo.parser}[name](_PROGRAM)


def _row(action: argparse.Action) -> str:
    """A row of the table; empty for ``--help``."""
    if "--help" in action.option_strings:
        return ""
    value = str(action.metavar or "")
    if action.option_strings:
        shown = f"{', '.join(action.option_strings)} {value if action.nargs != 0 else ''}".strip()
    else:
        shown = {"*": f"[{value} ...]", "?": f"[{value}]"}.get(str(action.nargs), value)
    text = (action.help or "") % {"default": action.default}
    required = "; required" if action.option_strings and action.required else ""
    return f"| `{_cell(shown)}` | {_cell(text)}{required} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the page; 1 when it is stale."""
    return generated.main("canary.cli.pages", __doc__, "docs/cli.md", lambda _: page(), arguments)


if __name__ == "__main__":
    sys.exit(main())
