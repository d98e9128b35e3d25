"""The cluster's own certificate authority, and who it vouches for."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_SKEW, _VALID = timedelta(minutes=5), timedelta(days=365)
_ADDRESSES = ("127.0.0.1", "10.10.0.1", "10.96.0.1")
_SERVER = (
    *(x509.IPAddress(ip_address(address)) for address in _ADDRESSES),
    *(x509.DNSName(name) for name in ("localhost", "kubernetes.default.svc")),
)
_SIGNS = ("key_cert_sign", "crl_sign")
_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "encipher_only", "decipher_only"),
)


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
        signs = x509.KeyUsage(**dict.fromkeys(_USAGES, False) | dict.fromkeys(_SIGNS, True))
        key = _key(self.pair.key)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "e2e")])
        made = _certificate(name, name, key).add_extension(x509.BasicConstraints(True, None), True)
        _write(self.pair.certificate, made.add_extension(signs, True), key)
        self._sign("apiserver", [], "kube-apiserver", ExtendedKeyUsageOID.SERVER_AUTH, _SERVER)
        _key(self.folder / "accounts.key")

    def user(self, name: str, *groups: str) -> KeyPair:
        """A client certificate: the API server takes ``name`` and ``groups`` from it."""
        usage = ExtendedKeyUsageOID.CLIENT_AUTH
        return self._sign(name.replace(":", "_"), groups, name, usage)

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

    def _sign(
        self,
        file: str,
        groups: Sequence[str],
        name: str,
        usage: x509.ObjectIdentifier,
        names: Sequence[x509.GeneralName] = (),
    ) -> KeyPair:
        pair = self._pair(file)
        who = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
        who.append(x509.NameAttribute(NameOID.COMMON_NAME, name))
        ours = x509.load_pem_x509_certificate(self.pair.certificate.read_bytes())
        made = _certificate(x509.Name(who), ours.subject, _key(pair.key))
        made = made.add_extension(x509.BasicConstraints(False, None), True)
        made = made.add_extension(x509.ExtendedKeyUsage([usage]), False)
        if names:
            made = made.add_extension(x509.SubjectAlternativeName(names), False)
        signer = serialization.load_pem_private_key(self.pair.key.read_bytes(), None)
        assert isinstance(signer, ec.EllipticCurvePrivateKey)
        _write(pair.certificate, made, signer)
        return pair

    def _pair(self, name: str) -> KeyPair:
        return KeyPair(self.folder / f"{name}.crt", self.folder / f"{name}.key")


def _data(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()


def _key(file: Path) -> ec.EllipticCurvePrivateKey:
    """A new key, in the older form: the API server finds no public key in one of PKCS #8."""
    made = ec.generate_private_key(ec.SECP256R1())
    form = serialization.PrivateFormat.TraditionalOpenSSL
    text = made.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    file.touch(0o600)
    file.write_bytes(text)
    return made


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer, subject, key.public_key(), x509.random_serial_number(), now - _SKEW, now + _VALID
    )


def _write(file: Path, made: x509.CertificateBuilder, signer: ec.EllipticCurvePrivateKey) -> None:
    signed = made.sign(signer, hashes.SHA256())
    file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
