"""What can go wrong with a template."""

from __future__ import annotations


class TemplateError(Exception):
    """A template that doesn't parse or run; the text is fit for an event."""


class Fault(Exception):
    """A fault inside an action; the evaluator adds where it happened."""


def parse_error(line: int, message: str) -> TemplateError:
    """A fault found before anything is rendered; lines count from 1."""
    return TemplateError(f"template parsing failed: template: tmpl:{line}: {message}")


def run_error(location: str, node: str, message: str) -> TemplateError:
    """A fault of one action; ``location`` is ``line:column``. The misspelling is Flagger's."""
    return TemplateError(
        "template excution failed: template: "
        f'tmpl:{location}: executing "tmpl" at <{node}>: {message}'
    )
