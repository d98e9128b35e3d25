"""Where built pieces lie: one folder each, outside the checkout, whole or absent."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from e2e.stack.recipes import Piece
from e2e.stack.versions import fingerprint


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The cache's folder by the XDG convention; it needn't exist."""
    base = environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return Path(base) / "canary-engine" / "e2e"


class Cache:
    """The pieces under ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, piece: Piece) -> Path:
        """Where the piece is, or will be."""
        return self.root / fingerprint(piece)

    def has(self, piece: Piece) -> bool:
        """Whether it is there; a folder appears only with everything in it."""
        return self.folder(piece).is_dir()

    def binary(self, piece: Piece, name: str) -> Path:
        """A binary of the piece."""
        return self.folder(piece) / "bin" / name

    def libraries(self, piece: Piece) -> Path:
        """The folder with the shared libraries that came with the piece."""
        return self.folder(piece) / "lib"

    def manifests(self, piece: Piece) -> list[Path]:
        """The YAML files that came with the piece, by name."""
        return sorted((self.folder(piece) / "manifests").glob("*.yaml"))

    def sources(self, piece: Piece) -> Path:
        """The folder with the files that were kept of the piece's sources."""
        return self.folder(piece) / "sources"

    @contextmanager
    def locked(self, say: Callable[[str], None]) -> Iterator[None]:
        """Only one build at a time; a second one says that it waits, and then finds it done."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("another build is under way: waiting for it")
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def filling(self, piece: Piece) -> Iterator[Path]:
        """An empty folder that becomes the piece's when the block ends without an error."""
        work = Path(tempfile.mkdtemp(prefix=f".{piece.name}-", dir=self.root))
        try:
            (work / "bin").mkdir()
            (work / "manifests").mkdir()
            yield work
            work.chmod(0o755)
            work.rename(self.folder(piece))
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what builds that were killed left; call it with the lock held."""
        for left in self.root.glob(".*-*"):
            shutil.rmtree(left)
