"""The page of all fields, made from the models and from the table of their tests.

``python -m tests.fields.page`` writes it; with ``--check`` it writes nothing and fails when the
page isn't what would be written.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from analysis.models import MetricTemplateSpec
from canary.api.canary import AlertProviderSpec
from canary.api.spec import CanarySpec
from canary.cli import generated
from tests.fields.entry import Entry, Felt, Shown, Without
from tests.fields.leaves import Leaf, leaves
from tests.fields.table import ENTRIES

PAGE = Path(__file__).parents[2] / "docs" / "fields.md"
LEAVES: dict[str, tuple[Leaf, ...]] = {
    "Canary": tuple(leaves(CanarySpec, "spec")),
    "MetricTemplate": tuple(leaves(MetricTemplateSpec, "spec")),
    "AlertProvider": tuple(leaves(AlertProviderSpec, "spec")),
}
_TESTS: dict[type[Entry], str] = {Shown: "shown", Felt: "felt", Without: "without"}
_ENTRIES = {entry.id: entry for entry in ENTRIES}

_INTRODUCTION = """\
# Every field

Written by `python -m tests.fields.page`; change the models, or the table in `tests/fields`.

`[]` stands behind a list, `{}` behind a map whose keys are yours. *Edited* says when an edit counts
while a rollout is under way:

| edited | |
|---|---|
| at once | from the next look, check, step or write on; weight and failed checks stay |
| next run | the run in flight goes on as it began; what follows it has the new value |
| new objects | objects that are there stay as they are |
| - | never: the field has no effect, and its row says why |

An edit that makes another strategy of it goes on from where the traffic is: weights with the next
one above, iterations with the first one. Only where an A/B test becomes anything else is it the
first step again, at weight 0: its weight was one of the requests that matched.

An edit of the provider, the target, or a name of Services or routes waits until the rollout has
ended and its route leads to the primary alone; an event and the condition `SpecWarning` say so. A
route, or a target, that is gone is waited for no longer. What had the former names stays as
Flagger leaves it: Services and routes to the primary. An edit of `autoscalerRef` leaves the former
autoscaler's copy; one of `service.port` is as sudden as that of any Service.

Webhooks are asked as they are in the spec at that moment; an edit of one whose moment is over
(`confirm-rollout`, `pre-rollout`) counts for the next run.

A field that the engine ignores fails a test with its name in brackets, such as
`Canary:spec.service.port`. The last column says in which file: `shown` for
`tests/fields/test_fields_shown.py`, which looks at objects, `felt` for `test_fields_felt.py`, which
looks at rollouts, `without` for `test_fields_without.py`, which shows that nothing differs, or that
a value is refused by name. The same tests make the edits. Try one:

    pytest tests/fields -k spec.service.port
"""


def table(kind: str) -> str:
    """The fields of one resource, as Markdown."""
    rows = ["| field | means | default | edited | test |", "|---|---|---|---|---|"]
    return "\n".join([*rows, *(_row(kind, leaf) for leaf in LEAVES[kind])])


def _row(kind: str, leaf: Leaf) -> str:
    entry = _ENTRIES[f"{kind}:{leaf.path}"]
    meaning = leaf.description or entry.means
    if isinstance(entry, Without):
        meaning += f". {_capital(entry.why)}"
    default = leaf.default if leaf.default in ("", "required") else f"`{leaf.default}`"
    test = f"[{_TESTS[type(entry)]}](../tests/fields/test_fields_{_TESTS[type(entry)]}.py)"
    cells = (f"`{leaf.path}`", _capital(meaning), default, entry.applies.value, test)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def updated(page: str) -> str:
    """The page of today, whatever it was."""
    parts = [f"## {kind}\n\n{table(kind)}\n" for kind in LEAVES]
    return "\n".join([_INTRODUCTION, *parts])


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the page; 1 when it is stale."""
    return generated.main("tests.fields.page", __doc__, "docs/fields.md", updated, arguments)


if __name__ == "__main__":
    sys.exit(main())
