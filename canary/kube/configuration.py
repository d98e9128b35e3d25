"""kubernetes-asyncio's way to a configuration, without the client that the library generates.

``import kubernetes_asyncio`` takes every API and model along: 38 MB, and half of the time that the
engine's imports need, for nothing that it uses. So the two packages around the modules that matter
are stood in for while these are imported, and taken away again: whoever imports the library
afterwards gets all of it, in copies of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from typing import TYPE_CHECKING

_LIBRARY = "kubernetes_asyncio"


def _loaded() -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] == _LIBRARY]


@contextmanager
def without_the_client() -> Iterator[None]:
    """Import modules of the library alone, and leave nothing of it behind."""
    before = {name: sys.modules.pop(name) for name in _loaded()}
    try:
        path = None
        for name in (_LIBRARY, f"{_LIBRARY}.client"):
            spec = PathFinder.find_spec(name, path)
            if spec is None:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
            package = module_from_spec(spec)
            path, sys.modules[name] = package.__path__, package
        yield
    finally:
        for name in _loaded():
            del sys.modules[name]
        sys.modules.update(before)


if TYPE_CHECKING:
    from kubernetes_asyncio.client import Configuration
    from kubernetes_asyncio.config import (
        ConfigException,
        incluster_config,
        kube_config,
        load_incluster_config,
        load_kube_config,
    )
else:
    with without_the_client():
        from kubernetes_asyncio.client.configuration import Configuration

        sys.modules[f"{_LIBRARY}.client"].Configuration = Configuration
        # What its helpers make for those who want the client.
        sys.modules[f"{_LIBRARY}.client"].ApiClient = None
        from kubernetes_asyncio.config import (
            ConfigException,
            incluster_config,
            kube_config,
            load_incluster_config,
            load_kube_config,
        )

__all__ = [
    "ConfigException",
    "Configuration",
    "incluster_config",
    "kube_config",
    "load_incluster_config",
    "load_kube_config",
]
