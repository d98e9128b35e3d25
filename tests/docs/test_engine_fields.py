"""The page of our own fields has each of them, and its examples are accepted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from canary.api.canary import parse
from canary.api.semantics import violations
from canary.sandbox.validation import violations as refused

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "engine-fields.md").read_text(encoding="utf-8")
CRD = yaml.safe_load((ROOT / "crds" / "canaries.yaml").read_text(encoding="utf-8"))
SCHEMA = CRD["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
EXAMPLES = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


def fields(schema: dict[str, Any], path: str) -> Iterator[str]:
    """Every field of an ``engine:`` block below ``path``."""
    for name, child in schema.get("properties", {}).items():
        below = f"{path}.{name}" if path else name
        if re.match(r"spec\.(analysis\.)?engine\.", below):
            yield below
        yield from fields(child, below)
        yield from fields(child.get("items", {}), f"{below}[]")


def test_the_table_has_every_field_and_no_other() -> None:
    shown = re.findall(r"^\| `(spec\.[^`]+)` \|", PAGE, re.MULTILINE)
    assert sorted(shown) == sorted(fields(SCHEMA, ""))


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_are_accepted(example: dict[str, Any]) -> None:
    spec = example["spec"]
    obj = {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "Canary",
        "metadata": {"name": "podinfo", "namespace": "test"},
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "podinfo"},
            "service": {"port": 80},
            "analysis": {"interval": "1m", "threshold": 5, "stepWeight": 10},
            **spec,
        },
    }
    assert refused(obj, SCHEMA) == []
    assert violations(parse(obj), no_cross_namespace_refs=False) == ()


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 3
