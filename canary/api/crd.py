"""The custom resource definitions, generated from the models.

``python -m canary.api.crd`` writes ``crds/``; with ``--check`` it writes nothing and fails when a
file there isn't what would be written.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from canary.api.canary import AlertProvider, Canary, MetricTemplate
from canary.api.structural import Schema, structural

GROUP = "flagger.app"
VERSION = "v1beta1"

_HEADER = "# Written by `python -m canary.api.crd`. Change the models, not this file.\n"

_NUMBERS = (("service", "port"), ("analysis", "sessionAffinity", "maxAge"))
"""Whole numbers of ``spec`` that Flagger's schema calls numbers and the leaves' models integers."""

_Column = tuple[str, str, str, int]

_CANARY_COLUMNS: tuple[_Column, ...] = (
    ("Status", "string", ".status.phase", 0),
    ("Weight", "string", ".status.canaryWeight", 0),
    ("Suspended", "boolean", ".spec.suspend", 1),
    ("FailedChecks", "string", ".status.failedChecks", 1),
    ("Interval", "string", ".spec.analysis.interval", 1),
    ("Mirror", "boolean", ".spec.analysis.mirror", 1),
    ("StepWeight", "string", ".spec.analysis.stepWeight", 1),
    ("StepWeights", "string", ".spec.analysis.stepWeights", 1),
    ("MaxWeight", "string", ".spec.analysis.maxWeight", 1),
    ("LastTransitionTime", "string", ".status.lastTransitionTime", 0),
)


def canaries() -> Schema:
    """The CRD of Canary."""
    schema = _root(structural(Canary))
    for *parents, name in _NUMBERS:
        node = schema["properties"]["spec"]
        for parent in parents:
            node = node["properties"][parent]
        node["properties"][name]["type"] = "number"
    return _definition("Canary", "canaries", schema, _CANARY_COLUMNS)


def metric_templates() -> Schema:
    """The CRD of MetricTemplate."""
    columns = (("Provider", "string", ".spec.provider.type", 0),)
    return _definition(
        "MetricTemplate", "metrictemplates", _root(structural(MetricTemplate)), columns
    )


def alert_providers() -> Schema:
    """The CRD of AlertProvider."""
    columns = (("Type", "string", ".spec.type", 0),)
    schema = _root(structural(AlertProvider))
    spec = schema["properties"]["spec"]
    # Written here, since pydantic's own anyOf stands for null.
    spec["anyOf"] = spec.pop("oneOf")
    return _definition("AlertProvider", "alertproviders", schema, columns)


def manifests() -> dict[str, str]:
    """The files of ``crds/``: name to text."""
    return {
        f"{crd['spec']['names']['plural']}.yaml": _HEADER
        + yaml.dump(crd, Dumper=_Plain, sort_keys=False, width=100)
        for crd in (canaries(), metric_templates(), alert_providers())
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check; 1 when a file is stale."""
    parser = argparse.ArgumentParser(prog="python -m canary.api.crd", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when stale")
    parser.add_argument("--dir", type=Path, default=Path("crds"), help="the folder; %(default)s")
    options = parser.parse_args(arguments)
    stale = list(_stale(options.dir))
    if options.check:
        for path, _ in stale:
            print(f"{path} is stale: run python -m canary.api.crd", file=sys.stderr)
        return 1 if stale else 0
    for path, text in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path}")
    return 0


def _stale(folder: Path) -> Iterator[tuple[Path, str]]:
    for name, text in manifests().items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            yield path, text


def _root(schema: Schema) -> Schema:
    """The schema of the whole object: what the API server owns of it is not ours to describe.

    Nothing is required at this level: Flagger stores a Canary without a spec.
    """
    schema["properties"] = {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        **schema["properties"],
        "metadata": {"type": "object"},
    }
    del schema["required"]
    return schema


def _definition(kind: str, plural: str, schema: Schema, columns: Sequence[_Column]) -> Schema:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{plural}.{GROUP}",
            "annotations": {"helm.sh/resource-policy": "keep"},
        },
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": kind,
                "listKind": f"{kind}List",
                "plural": plural,
                "singular": kind.lower(),
                "categories": ["all"],
            },
            "versions": [
                {
                    "name": VERSION,
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "additionalPrinterColumns": [_column(*column) for column in columns],
                    "schema": {"openAPIV3Schema": schema},
                }
            ],
        },
    }


def _column(name: str, kind: str, path: str, priority: int) -> Schema:
    column: Schema = {"name": name, "type": kind, "jsonPath": path}
    return {**column, "priority": priority} if priority else column


class _Plain(yaml.SafeDumper):
    """YAML without anchors: the same schema in two places is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


if __name__ == "__main__":
    sys.exit(main())
