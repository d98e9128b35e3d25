"""``canary install`` and ``canary crds``: manifests that a cluster takes, and RBAC that grants the
engine's table and nothing beyond it."""

from __future__ import annotations

import io
import json
import shlex
from pathlib import Path

import pytest
import yaml
from people_granted import Grants, Manifest, Reviewed, of_kind

from canary.cli.commands import PEOPLE
from canary.cli.configure import configure
from canary.cli.failure import UsageFault
from canary.cli.parsers import parser
from canary.cli.terminal import Terminal
from canary.controller.settings import Settings
from canary.kube.client import Client
from canary.kube.resources import CRDS, DEPLOYMENTS, NAMESPACES
from canary.server.permissions import Scope, permissions
from canary.server.startup import StartRefused, check
from providers.registry import installed
from tests.rig.staged import staged
from tests.transcripts.script import Script

ROOT = Path(__file__).parents[2]


def printed(line: str) -> str:
    """What an offline command prints."""
    from importlib import import_module

    name, *arguments = shlex.split(line)
    out = Terminal(io.StringIO())
    options = parser("canary", name, PEOPLE[name]).parse_args(arguments)
    assert import_module(PEOPLE[name].module).run("canary", options, out) == 0
    return out.stream.getvalue()


def install(line: str = "") -> list[Manifest]:
    return list(yaml.safe_load_all(printed(f"install --image engine:1 {line}")))


def wanted(watched: list[str], home: str) -> set[tuple[str, str, str, str]]:
    """The table of permissions as rows of ``Grants``."""
    rows = set()
    for permission in permissions(installed()):
        places = {
            Scope.CLUSTER: [""],
            Scope.WATCHED: watched or [""],
            Scope.ELECTION: [home],
        }[permission.scope]
        for place in places:
            for verb in permission.verbs:
                resource = permission.resource
                rows.add((place, verb, resource.group, resource.plural))
    return rows


@pytest.mark.parametrize(
    ("line", "watched", "home"),
    [
        ("", [], "canary-engine"),
        ("-n ops", [], "ops"),
        ("--watch-namespace shop --watch-namespace=billing", ["shop", "billing"], "canary-engine"),
        ("--watch-namespace shop,billing -n shop", ["shop", "billing"], "shop"),
    ],
)
def test_the_roles_grant_the_table_and_nothing_else(
    line: str, watched: list[str], home: str
) -> None:
    manifests = install(line)
    assert Grants(manifests).rows == wanted(watched, home)
    assert not any("*" in json.dumps(obj["rules"]) for obj in manifests if "rules" in obj)


@pytest.mark.parametrize(
    "line", ["", "-n ops --mesh-provider gatewayapi:v1", "--watch-namespace=a,b"]
)
def test_the_engine_starts_with_what_is_granted(line: str) -> None:
    @staged()
    async def play(script: Script) -> None:
        await script.stage.up()
        manifests = install(line)
        transport = Reviewed(script.stage.user.transport, Grants(manifests))
        await check(Client(transport), settings(manifests), permissions(installed()))
        # The oracle can say no: without one role the start is refused.
        lacking = [obj for obj in manifests if not obj["kind"].endswith("RoleBinding")]
        transport = Reviewed(script.stage.user.transport, Grants(lacking))
        with pytest.raises(StartRefused, match="lacks permissions"):
            await check(Client(transport), settings(manifests), permissions(installed()))

    play()


def settings(manifests: list[Manifest]) -> Settings:
    """What the Deployment's command line means to the engine."""
    (deployment,) = of_kind(manifests, "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["command"] == ["canary", "run"] and container["image"] == "engine:1"
    found = configure(container["args"], {})
    assert found is not None
    return found


def test_the_engine_is_started_as_asked() -> None:
    found = settings(
        install(
            "-n ops --mesh-provider gatewayapi:v1 --metrics-server http://prom.example:9090 "
            "--watch-namespace shop --watch-namespace billing"
        )
    )
    assert found.mesh_provider == "gatewayapi:v1"
    assert found.metrics_server == "http://prom.example:9090"
    assert found.namespaces == ("shop", "billing")
    assert found.leader_election and found.leader_election_namespace == "ops"
    assert settings(install()).namespaces == ()


def test_the_probes_and_the_port_are_the_engines() -> None:
    # docs/operations.md, Endpoints.
    (deployment,) = of_kind(install(), "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "http"}
    assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http"}
    (port,) = container["ports"]
    assert port == {"name": "http", "containerPort": settings(install()).port}
    assert deployment["spec"]["strategy"] == {"type": "Recreate"}


def test_everything_is_in_its_namespace_and_in_order() -> None:
    manifests = install("-n ops")
    kinds = [obj["kind"] for obj in manifests]
    assert kinds[0] == "Namespace" and kinds[-1] == "Deployment"
    assert manifests[0]["metadata"]["name"] == "ops"
    for obj in of_kind(manifests, "Deployment") + of_kind(manifests, "ServiceAccount"):
        assert obj["metadata"]["namespace"] == "ops"
    names = [(obj["kind"], *obj["metadata"].values()) for obj in manifests if "rules" in obj]
    assert len(names) == len(of_kind(manifests, "ClusterRole") + of_kind(manifests, "Role"))


def test_two_engines_do_not_share_cluster_roles() -> None:
    one, two = (of_kind(install(f"-n {name}"), "ClusterRole")[0] for name in ("ops", "dev"))
    assert one["metadata"]["name"] != two["metadata"]["name"]


@staged()
async def test_a_cluster_takes_them(script: Script) -> None:
    script.stage.cluster.start()
    resources = {"Namespace": NAMESPACES, "CustomResourceDefinition": CRDS}
    for obj in install():
        resource = {**resources, "Deployment": DEPLOYMENTS}.get(obj["kind"])
        if resource is not None:
            made = await script.stage.user.apply(resource, obj)
            assert made["metadata"]["name"] == obj["metadata"]["name"]
    found = await script.stage.user.get(DEPLOYMENTS, "canary-engine", "canary-engine")
    assert found["spec"]["replicas"] == 1


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("--mesh-provider nothing", "nothing"),
        ("--metrics-server prometheus", "metrics-server"),
        ("--watch-namespace Shop", "Shop"),
        ("-n UPPER", "UPPER"),
    ],
)
def test_what_the_engine_would_not_start_with_is_refused(line: str, named: str) -> None:
    with pytest.raises(UsageFault, match=named):
        install(line)
    with pytest.raises(UsageFault, match="--image"):
        printed("install --image ''")


def test_the_definitions_are_those_of_the_repository() -> None:
    found = {crd["metadata"]["name"]: crd for crd in yaml.safe_load_all(printed("crds"))}
    files = [yaml.safe_load(path.read_text()) for path in (ROOT / "crds").glob("*.yaml")]
    assert found == {crd["metadata"]["name"]: crd for crd in files} and len(found) == 3
    assert of_kind(install(), "CustomResourceDefinition") == list(found.values())
