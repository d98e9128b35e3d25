"""Certificates, settings and the command line; starting the cluster is for the e2e tests."""

from __future__ import annotations

import base64
import ssl
from pathlib import Path

import pytest
import yaml

from e2e.stack.__main__ import parser
from e2e.stack.certificates import Authority
from e2e.stack.cluster import NotBuilt, Stack
from e2e.stack.namespace import StackError
from e2e.stack.settings import Settings


def test_a_kubeconfig_holds_the_authority_and_the_users_certificate(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.create()
    user = authority.user("engine", "team")
    config = yaml.safe_load(authority.kubeconfig("https://127.0.0.1:6443", user))
    credentials = config["users"][0]["user"]
    certificate = base64.b64decode(credentials["client-certificate-data"])
    assert certificate == user.certificate.read_bytes()
    assert config["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:6443"
    # Loads only if the key is the certificate's.
    context = ssl.create_default_context(cafile=str(authority.pair.certificate))
    context.load_cert_chain(user.certificate, user.key)


def test_settings_come_back_as_they_were(tmp_path: Path) -> None:
    settings = Settings(
        tmp_path, tmp_path / "cache", frozenset({"contour"}), {"api": 5}, {"api": 40000}
    )
    assert Settings.load(settings.save()) == settings
    assert settings.url("api") == "https://127.0.0.1:40000"


@pytest.mark.asyncio
async def test_a_stack_that_is_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(NotBuilt, match=r"etcd.*python -m e2e\.stack build"):
        async with Stack(cache_root=tmp_path):
            pass


def test_an_unknown_feature_is_named() -> None:
    with pytest.raises(StackError, match="linkerd"):
        Stack({"linkerd"})


def test_the_command_line_has_both_commands() -> None:
    options = parser().parse_args(["up", "--contour", "--namespace-net", "e2e"])
    assert (options.contour, options.istiod, options.namespace_net) == (True, False, "e2e")
    assert parser().parse_args(["build", "--flux"]).flux
