"""Another cluster is used only when it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.stack.choice import named, without_process_kubelet
from e2e.stack.namespace import StackError


def test_the_users_default_cluster_is_never_used(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("")
    assert named({"KUBECONFIG": str(config), "HOME": str(tmp_path)}) is None
    assert named({"E2E_KUBECONFIG": str(config)}) == config


def test_a_named_file_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="no such file"):
        named({"E2E_KUBECONFIG": str(tmp_path / "config")})


@pytest.mark.parametrize(
    ("environ", "reason"),
    [
        ({}, ""),
        ({"KIND": "0", "KUBECONFIG": "/x"}, ""),
        ({"KIND": "1"}, "KIND=1"),
        ({"E2E_KUBECONFIG": "/x"}, "E2E_KUBECONFIG"),
    ],
)
def test_scenarios_for_the_process_kubelet_are_skipped_elsewhere(
    environ: dict[str, str], reason: str
) -> None:
    found = without_process_kubelet(environ)
    assert reason in found
    assert bool(found) == bool(reason)
