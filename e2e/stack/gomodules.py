"""Building a piece that is a Go module, as a tool of a module of our own."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from e2e.stack.commands import BuildFailed, run
from e2e.stack.recipes import (
    GoModule,
    GoModuleTrimmed,
    GoModuleWithSources,
    GoModuleWithStandIns,
)
from e2e.stack.versions import GO


def build_module(piece: GoModule, work: Path, say: Callable[[str], None]) -> None:
    """The binaries, manifests and sources of ``piece``, into ``work``. Raises BuildFailed."""
    _need_go()
    source = work / "source"
    source.mkdir()
    reference = f"{piece.module}@{piece.version}"
    downloaded = _downloaded(reference, source)
    (source / "go.mod").write_text(go_mod(piece, Path(downloaded["GoMod"]).read_text()))
    if isinstance(piece, GoModuleWithStandIns):
        _stand_ins(piece, source)
    if isinstance(piece, GoModuleTrimmed):
        _trimmed(piece, source)
    if piece.binaries:
        packages = [f"{package}@{piece.version}" for package in piece.binaries.values()]
        run(["go", "get", "-tool", *packages], source)
    for name, package in piece.binaries.items():
        started = time.monotonic()
        flags = ["-trimpath", f"-ldflags=-s -w {piece.ldflags}".rstrip()]
        run(["go", "build", *flags, "-o", str(work / "bin" / name), package], source)
        say(f"    {name}: {time.monotonic() - started:.0f} s")
    for path in piece.manifests:
        found = Path(downloaded["Dir"]) / path
        for file in [found] if found.is_file() else sorted(found.glob("*.yaml")):
            shutil.copyfile(file, work / "manifests" / file.name)
    if isinstance(piece, GoModuleWithSources):
        for path in piece.sources:
            shutil.copytree(Path(downloaded["Dir"]) / path, work / "sources" / path)
            # The module cache is read-only, and so would be what is to be swept one day.
            run(["chmod", "-R", "u+w", str(work / "sources")], work)
    shutil.rmtree(source)


def _stand_ins(piece: GoModuleWithStandIns, source: Path) -> None:
    for module, text in piece.stand_ins.items():
        folder = source / stand_in(module)
        folder.mkdir()
        (folder / "go.mod").write_text(f"module {module}\n\ngo {GO}.0\n")
        (folder / "stand_in.go").write_text(text)


def _trimmed(piece: GoModuleTrimmed, source: Path) -> None:
    for module, files in piece.trimmed.items():
        folder = source / stand_in(module)
        shutil.copytree(_downloaded(module, source)["Dir"], folder)
        # The module cache is read-only.
        run(["chmod", "-R", "u+w", str(folder)], source)
        for path, text in files.items():
            (folder / path).write_text(text)


def go_mod(piece: GoModule, upstream: str) -> str:
    """The go.mod to build ``piece`` as a tool; ``upstream`` is the module's own go.mod."""
    staging = re.findall(r"^\s*(?:replace )?(k8s\.io/[a-z-]+) => \./staging/", upstream, re.M)
    replace = {name: f"{name}@{piece.staging}" for name in staging if piece.staging}
    replace |= piece.replace
    lines = [f"replace {old} => {new.replace('@', ' ')}" for old, new in replace.items()]
    if isinstance(piece, GoModuleWithStandIns):
        lines += [f"replace {module} => ./{stand_in(module)}" for module in piece.stand_ins]
        lines += [f"exclude {module.replace('@', ' ')}" for module in piece.exclude]
    if isinstance(piece, GoModuleTrimmed):
        lines += [
            f"replace {module.partition('@')[0]} => ./{stand_in(module)}"
            for module in piece.trimmed
        ]
    return "\n".join([f"module stack/{piece.name}", "", f"go {GO}.0", "", *lines, ""])


def stand_in(module: str) -> str:
    """The folder of what stands in for a module, beside the go.mod."""
    return module.replace("/", "-").partition("@")[0]


def _downloaded(reference: str, folder: Path) -> dict[str, str]:
    """What Go says of a module of this version, once its cache has it."""
    found: dict[str, str] = json.loads(run(["go", "mod", "download", "-json", reference], folder))
    return found


def _need_go() -> None:
    if not shutil.which("go"):
        raise BuildFailed(f"Go {GO} or later is needed to build the cluster, and go isn't on PATH")
    text = run(["go", "env", "GOVERSION"], Path.cwd()).strip()
    found = re.match(r"go(\d+)\.(\d+)", text)
    if found and tuple(map(int, found.groups())) < tuple(map(int, GO.split("."))):
        raise BuildFailed(f"Go {GO} or later is needed to build the cluster, this is {text}")
