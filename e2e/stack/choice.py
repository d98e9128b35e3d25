"""Which cluster the end-to-end tests use: the one of this package unless another one is named."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from e2e.stack.namespace import StackError

VARIABLE = "E2E_KUBECONFIG"


def named(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The kubeconfig of the cluster to use instead, if one is named; the user's default cluster is
    never used. Raises StackError if the file isn't there."""
    text = environ.get(VARIABLE, "")
    if not text:
        return None
    path = Path(text).expanduser()
    if not path.is_file():
        raise StackError(f"{VARIABLE}={text}: there is no such file")
    return path


def without_process_kubelet(environ: Mapping[str, str] = os.environ) -> str:
    """Why scenarios that need the process kubelet have to be skipped; empty if it is there."""
    if environ.get(VARIABLE):
        return f"needs the process kubelet; {VARIABLE} names another cluster"
    if environ.get("KIND") == "1":
        return "needs the process kubelet; KIND=1 asks for a kind cluster"
    return ""
