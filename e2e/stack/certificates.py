"""The cluster's own certificate authority, and who it vouches for."""

from __future__ import annotations

import base64
import subprocess
from dataclasses import dataclass
from pathlib import Path

import yaml

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-batch")
_SERVER_NAMES = "IP:127.0.0.1,IP:10.10.0.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes.default.svc"


@dataclass(frozen=True)
class KeyPair:
    """A certificate and its key, as PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Authority:
    """Signs certificates for one cluster; everything lies in ``folder``."""

    folder: Path

    @property
    def pair(self) -> KeyPair:
        """The authority's own certificate and key."""
        return self._pair("ca")

    def create(self) -> None:
        """Make the authority, the API server's certificate and the service accounts' key."""
        self.folder.mkdir(parents=True, exist_ok=True)
        usage = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"]
        self._request("ca", "/CN=e2e", ["-days", "3650", *usage])
        server = ["-addext", f"subjectAltName={_SERVER_NAMES}"]
        self._sign("apiserver", "/CN=kube-apiserver", "serverAuth", server)
        # In the older form: the API server finds no public key in one of PKCS #8.
        accounts = str(self.folder / "accounts.key")
        _openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", accounts)

    def user(self, name: str, *groups: str) -> KeyPair:
        """A client certificate: the API server takes ``name`` and ``groups`` from it."""
        subject = "".join(f"/O={group}" for group in groups) + f"/CN={name}"
        return self._sign(name.replace(":", "_"), subject, "clientAuth", [])

    def kubeconfig(self, server: str, user: KeyPair) -> str:
        """A kubeconfig of ``user`` for the API server at ``server``, complete in itself."""
        cluster = {"server": server, "certificate-authority-data": _data(self.pair.certificate)}
        credentials = {
            "client-certificate-data": _data(user.certificate),
            "client-key-data": _data(user.key),
        }
        return yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "e2e", "cluster": cluster}],
                "users": [{"name": "e2e", "user": credentials}],
                "contexts": [{"name": "e2e", "context": {"cluster": "e2e", "user": "e2e"}}],
                "current-context": "e2e",
            }
        )

    def _sign(self, name: str, subject: str, usage: str, extra: list[str]) -> KeyPair:
        by = ["-CA", str(self.pair.certificate), "-CAkey", str(self.pair.key), "-days", "365"]
        usages = ["-addext", "basicConstraints=CA:FALSE", "-addext", f"extendedKeyUsage={usage}"]
        return self._request(name, subject, [*by, *usages, *extra])

    def _request(self, name: str, subject: str, extra: list[str]) -> KeyPair:
        pair = self._pair(name)
        files = ["-keyout", str(pair.key), "-out", str(pair.certificate)]
        _openssl("req", "-x509", *_KEY, *files, "-subj", subject, *extra)
        return pair

    def _pair(self, name: str) -> KeyPair:
        return KeyPair(self.folder / f"{name}.crt", self.folder / f"{name}.key")


def _data(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
