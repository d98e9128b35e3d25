"""What the process outside the namespace tells the one inside: one JSON file in the run folder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from e2e.stack.cache import Cache
from e2e.stack.certificates import Authority
from e2e.stack.versions import Piece

DOORS = (
    *("api", "prometheus", "gateway"),
    *("istio_gateway", "istio_admin", "ingress", "ingress_api"),
)
"""Servers that can be reached from outside, each under the same address as inside."""


@dataclass(frozen=True)
class Settings:
    """One run of the cluster.

    ``folder`` is the run's own, ``doors`` maps names of DOORS to the inherited listening sockets'
    file descriptors, ``ports`` to their ports.
    """

    folder: Path
    cache_root: Path
    features: frozenset[str]
    doors: dict[str, int]
    ports: dict[str, int]

    @property
    def authority(self) -> Authority:
        return Authority(self.folder / "certificates")

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig; it works inside and outside."""
        return self.folder / "kubeconfig"

    @property
    def audit_log(self) -> Path:
        return self.folder / "audit.log"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def targets(self) -> Path:
        """The file that tells Prometheus which pods there are."""
        return self.folder / "pods.json"

    @property
    def git(self) -> Path:
        """Folder of bare Git repositories, served inside."""
        return self.folder / "git"

    def url(self, door: str) -> str:
        """Address of a server, the same inside and outside."""
        scheme = "https" if door == "api" else "http"
        return f"{scheme}://127.0.0.1:{self.ports[door]}"

    def binary(self, piece: Piece, name: str) -> str:
        """Path of a built binary."""
        return str(Cache(self.cache_root).binary(piece, name))

    def save(self) -> Path:
        """Write the file that ``load`` reads."""
        plain = asdict(self) | {"folder": str(self.folder), "cache_root": str(self.cache_root)}
        file = self.folder / "settings.json"
        file.write_text(json.dumps(plain | {"features": sorted(self.features)}))
        return file

    @staticmethod
    def load(file: Path) -> Settings:
        """What ``save`` wrote."""
        plain = json.loads(file.read_text())
        return Settings(
            folder=Path(plain["folder"]),
            cache_root=Path(plain["cache_root"]),
            features=frozenset(plain["features"]),
            doors=plain["doors"],
            ports=plain["ports"],
        )
