"""``canary crds``: the CustomResourceDefinitions, generated as ``crds/`` is."""

from __future__ import annotations

from argparse import Namespace

from canary.api.crd import manifests
from canary.cli.terminal import Terminal


def run(program: str, options: Namespace, out: Terminal) -> int:
    """Print all of them as one text."""
    out.write(text())
    return 0


def text() -> str:
    """The definitions as YAML documents."""
    return "\n".join(f"---\n{body.rstrip()}" for _, body in sorted(manifests().items()))
