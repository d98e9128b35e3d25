"""The engine's rights in the cluster: what ``canary install`` prints, and tokens of its account."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml

from canary.kube.client import Client
from canary.kube.resources import Obj
from canary.kube.transport import Request
from e2e.stack.apply import Applier

ACCOUNT = "canary-engine"
CREDENTIAL = "authentication.kubernetes.io/credential-id"
"""Where the audit log says with which token a request came."""
_LIFETIME = 4 * 3600
_GRANTS = ("Role", "ClusterRole")


@dataclass(frozen=True)
class Token:
    """A token of the engine's account; ``credential`` is how the audit log calls it."""

    text: str

    @property
    def credential(self) -> str:
        payload = self.text.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return f"JTI={claims['jti']}"


@dataclass(frozen=True)
class Installation:
    """One engine as installed: its namespace, roles, and the command line of its Deployment."""

    namespace: str
    arguments: tuple[str, ...]
    roles: tuple[Obj, ...]

    @property
    def user(self) -> str:
        """Its name for the API server."""
        return f"system:serviceaccount:{self.namespace}:{ACCOUNT}"

    @property
    def watched(self) -> list[str]:
        """The namespaces that it watches; none: all."""
        flag = "-namespace="
        found = [a.removeprefix(flag) for a in self.arguments if a.startswith(flag)]
        return found[0].split(",") if found else []

    async def token(self, client: Client) -> Token:
        """A new token: each process has one of its own, so that the audit log tells them apart."""
        path = f"/api/v1/namespaces/{self.namespace}/serviceaccounts/{ACCOUNT}/token"
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": _LIFETIME},
        }
        request = Request("POST", path, body=orjson.dumps(body))
        answer = await client.send(request, "create", "serviceaccounts/token")
        return Token(answer["status"]["token"])


async def install(
    client: Client, namespace: str, *, provider: str, prometheus: str, watched: Sequence[str] = ()
) -> Installation:
    """Apply what ``canary install`` prints, as far as it isn't there yet: the CRDs are, and the
    Deployment's container is a process of the caller's. Raises ApiError, RuntimeError."""
    options = {"namespace": namespace, "mesh-provider": provider, "metrics-server": prometheus}
    command = [sys.executable, "-m", "canary.cli.main", "install", "--image", "engine:e2e"]
    for name, value in options.items():
        command += [f"--{name}", value]
    for place in watched:
        command += ["--watch-namespace", place]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit code {process.returncode}")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    objects = [obj for obj in yaml.load_all(output, loader) if obj]
    left = ("CustomResourceDefinition", "Deployment")
    await Applier(client).apply(obj for obj in objects if obj["kind"] not in left)
    (deployment,) = (obj for obj in objects if obj["kind"] == "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    roles = tuple(obj for obj in objects if obj["kind"] in _GRANTS)
    return Installation(namespace, tuple(container["args"]), roles)


def kubeconfig(administrators: Path, token: Token, server: str = "") -> str:
    """The kubeconfig of the current context's cluster for the bearer of ``token``; ``server`` is
    another way to the same API server, in plain HTTP."""
    config: Mapping[str, Any] = yaml.safe_load(administrators.read_text())
    current = next(c for c in config["contexts"] if c["name"] == config["current-context"])
    name = current["context"]["cluster"]
    cluster = next(c for c in config["clusters"] if c["name"] == name)["cluster"]
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "e2e", "cluster": {"server": server} if server else cluster}],
            "users": [{"name": ACCOUNT, "user": {"token": token.text}}],
            "contexts": [{"name": "e2e", "context": {"cluster": "e2e", "user": ACCOUNT}}],
            "current-context": "e2e",
        }
    )
