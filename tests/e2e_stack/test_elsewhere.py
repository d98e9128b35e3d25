"""A kind cluster is made for the run alone, and removed with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.elsewhere import kind
from e2e.stack.namespace import StackError


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for kind, and the file in which it notes its arguments."""
    log = tmp_path / "said"
    script = tmp_path / "bin" / "kind"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\necho "$@" >> {log}\n[ "$1" != "${{KIND_FAILS:-}}" ]\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:/usr/bin:/bin")
    return log


async def used(folder: Path, then: Callable[[Path], None]) -> None:
    async with kind(folder) as file:
        then(file)


def test_it_has_a_kubeconfig_of_its_own_and_goes_in_the_end(said: Path, tmp_path: Path) -> None:
    where = f"--name canary-engine-e2e --kubeconfig {tmp_path / 'kubeconfig-kind'}"

    def then(file: Path) -> None:
        assert file == tmp_path / "kubeconfig-kind"
        assert said.read_text().splitlines() == [f"create cluster {where}"]
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        asyncio.run(used(tmp_path, then))
    assert said.read_text().splitlines()[1:] == [f"delete cluster {where}"]


@pytest.mark.asyncio
async def test_a_failure_names_the_command(
    said: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIND_FAILS", "create")
    with pytest.raises(StackError, match=r"kind create cluster .*exit code 1"):
        async with kind(tmp_path):
            pass


@pytest.mark.asyncio
async def test_without_kind_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StackError, match="KIND=1 needs kind on PATH"):
        async with kind(tmp_path):
            pass
