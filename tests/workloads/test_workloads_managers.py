"""Taking fields over from Flagger: after that an apply drops what it no longer sets."""

from __future__ import annotations

from typing import Any

import pytest

from canary.workloads.managers import MANAGER, inherited, inherits

Obj = dict[str, Any]
A, B, BOTH = {"f:a": {}}, {"f:b": {}}, {"f:a": {}, "f:b": {}}


def entry(manager: str, operation: str, fields: Obj | None = None, **more: str) -> Obj:
    spec = {"f:spec": A if fields is None else fields}
    return {"manager": manager, "operation": operation, "fieldsV1": spec, **more}


# providers.md 2.3: field manager of everything that Flagger wrote
FLAGGER = entry("flagger", "Update")
CREATED = entry(MANAGER, "Update")
APPLIED = entry(MANAGER, "Apply", B)
USER = entry("kubectl-client-side-apply", "Update")
STATUS = entry("flagger", "Update", subresource="status")


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ([FLAGGER], True),
        ([USER, CREATED], True),
        ([APPLIED], False),
        ([USER, APPLIED], False),
        ([STATUS], False),
        ([entry("flagger", "Apply")], False),
        ([], False),
        (None, False),
    ],
)
def test_what_there_is_to_take_over(entries: list[Obj] | None, found: bool) -> None:
    assert inherits({"metadata": {"managedFields": entries}}) is found
    assert not inherits({"metadata": {}})


@pytest.mark.parametrize("former", [FLAGGER, CREATED])
def test_fields_of_the_former_manager_become_applied_by_us(former: Obj) -> None:
    assert inherited([former], MANAGER) == [entry(MANAGER, "Apply")]


def test_they_join_those_that_we_applied_already() -> None:
    merged = inherited([APPLIED, FLAGGER], MANAGER)
    assert merged == [entry(MANAGER, "Apply", BOTH)]
    assert APPLIED["fieldsV1"] == {"f:spec": B}, "what is read is not changed"


def test_entries_of_others_and_of_subresources_stay() -> None:
    assert inherited([USER, FLAGGER, STATUS], MANAGER) == [
        USER,
        entry(MANAGER, "Apply"),
        STATUS,
    ]
