"""The table has every field of the three resources, once, and says what it means."""

from __future__ import annotations

from tests.fields.entry import Applies, Without
from tests.fields.page import LEAVES, PAGE, table, updated
from tests.fields.table import ENTRIES


def test_each_field_has_one_entry() -> None:
    fields = [f"{kind}:{leaf.path}" for kind, leaves in LEAVES.items() for leaf in leaves]
    assert sorted(entry.id for entry in ENTRIES) == sorted(fields)


def test_there_are_fields() -> None:
    # Of the 338 nodes that Flagger's schemas have (and ours beside them), those without any below.
    assert {kind: len(leaves) for kind, leaves in LEAVES.items()} == {
        "Canary": 201,
        "MetricTemplate": 7,
        "AlertProvider": 6,
    }


def test_each_field_is_explained_once() -> None:
    described = {f"{k}:{leaf.path}" for k in LEAVES for leaf in LEAVES[k] if leaf.description}
    assert [e.id for e in ENTRIES if bool(e.means) == (e.id in described)] == []


def test_an_effect_needs_two_values_and_a_moment() -> None:
    for entry in ENTRIES:
        first, second = getattr(entry, "wants", None) or entry.values
        assert entry.values[0] != entry.values[1] and first != second, entry.id
        assert (entry.applies is Applies.NEVER) == isinstance(entry, Without), entry.id


def test_the_page_is_that_of_today() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert updated(text) == text


def test_the_table_has_a_row_for_each_field() -> None:
    rows = [row for kind in LEAVES for row in table(kind).splitlines()[2:]]
    assert len(rows) == len(ENTRIES)
