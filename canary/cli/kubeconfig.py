"""Which cluster is meant, and which namespace there: kubectl's rules."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from canary.cli.failure import CommandFailed

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@dataclass(frozen=True, slots=True)
class Place:
    """``files`` are kubeconfigs, the first one to say something wins; none: the cluster of the pod
    that this process runs in."""

    files: tuple[str, ...]
    context: str
    namespace: str


def locate(
    kubeconfig: str, context: str, environ: Mapping[str, str], account: Path = SERVICE_ACCOUNT
) -> Place:
    """Cluster, context and its namespace; both arguments may be empty. Raises CommandFailed."""
    files = _files(kubeconfig, environ)
    if not files:
        return _pod(context, environ, account)
    loaded = [_load(file) for file in files]
    current = next((str(c["current-context"]) for c in loaded if c.get("current-context")), "")
    chosen = context or current
    contexts = dict(_contexts(reversed(loaded)))
    if not chosen:
        raise CommandFailed(f"{', '.join(files)} has no current context: choose a --context")
    if chosen not in contexts:
        there = ", ".join(sorted(contexts)) or "none"
        raise CommandFailed(f"there is no context {chosen!r}: those there are: {there}")
    return Place(files, chosen, str(contexts[chosen].get("namespace") or "default"))


def contexts(kubeconfig: str, environ: Mapping[str, str]) -> list[str]:
    """Names of all contexts. Raises CommandFailed."""
    loaded = [_load(file) for file in _files(kubeconfig, environ)]
    return sorted(dict(_contexts(loaded)))


def _files(kubeconfig: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    if kubeconfig:
        path = Path(kubeconfig).expanduser()
        if not path.is_file():
            raise CommandFailed(f"--kubeconfig {kubeconfig} is no file")
        return (str(path),)
    listed = [entry for entry in environ.get("KUBECONFIG", "").split(os.pathsep) if entry]
    if not listed:
        listed = [str(Path(environ.get("HOME", "~")).expanduser() / ".kube" / "config")]
    return tuple(entry for entry in listed if Path(entry).expanduser().is_file())


def _pod(context: str, environ: Mapping[str, str], account: Path) -> Place:
    if not environ.get("KUBERNETES_SERVICE_HOST"):
        raise CommandFailed(
            "no kubeconfig found: give --kubeconfig, or set KUBECONFIG to a file that exists"
        )
    if context:
        raise CommandFailed("--context needs a kubeconfig, and there is none")
    file = account / "namespace"
    return Place((), "", file.read_text().strip() if file.is_file() else "default")


def _load(file: str) -> Mapping[str, Any]:
    try:
        found = yaml.safe_load(Path(file).expanduser().read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CommandFailed(f"kubeconfig {file}: {' '.join(str(error).split())}") from error
    if found is not None and not isinstance(found, dict):
        raise CommandFailed(f"kubeconfig {file} is no map: write it anew, or choose another")
    return found or {}


def _contexts(loaded: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for config in loaded:
        for entry in config.get("contexts") or ():
            if isinstance(entry, dict) and entry.get("name"):
                context = entry.get("context")
                yield str(entry["name"]), context if isinstance(context, dict) else {}
