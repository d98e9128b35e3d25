"""Tables, as ``kubectl get`` asks for them."""

from __future__ import annotations

from typing import Any

from canary.kube.transport import Request
from tests.conformance.api import Api, Watch
from tests.conformance.cases.registry import case
from tests.conformance.manifests import canary, config_map, deployment, event, pod, service

_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


async def _table(api: Api, path: str, **query: str) -> dict[str, Any]:
    answer = await api.send("GET", path, accept=_TABLE, **query)
    assert (answer.code, answer.body["kind"]) == (200, "Table")
    assert answer.body["apiVersion"] == "meta.k8s.io/v1"
    return answer.body


def _heads(table: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [(one["name"], one["type"], one["priority"]) for one in table["columnDefinitions"]]


def _strings(narrow: str, wide: str = "") -> list[tuple[str, str, int]]:
    columns = [(name, "string", 0) for name in narrow.split(",")]
    return columns + [(name, "string", 1) for name in wide.split(",") if name]


def _row(table: dict[str, Any], *ages: str) -> list[Any]:
    """The only row, without what depends on the time."""
    (row,) = table["rows"]
    names = [column["name"] for column in table["columnDefinitions"]]
    return [cell for name, cell in zip(names, row["cells"], strict=True) if name not in ages]


@case
async def deployments(api: Api) -> None:
    await api.made(api.deployments(), deployment())
    table = await _table(api, api.deployments())
    wide = "Containers,Images,Selector"
    assert _heads(table) == _strings("Name,Ready,Up-to-date,Available,Age", wide)
    assert _row(table, "Age") == ["web", "0/0", 0, 0, "app", "web:1.0.0", "app=web"]
    (row,) = table["rows"]
    assert row["object"]["kind"] == "PartialObjectMetadata"
    assert row["object"]["metadata"]["name"] == "web"


@case
async def one_object_is_a_table_of_one_row(api: Api) -> None:
    await api.made(api.maps(), config_map(a="1", b="2"))
    table = await _table(api, api.maps("settings"), includeObject="None")
    assert _heads(table) == _strings("Name,Data,Age")
    assert _row(table, "Age") == ["settings", 2]
    assert table["rows"][0]["object"] is None
    table = await _table(api, api.maps("settings"), includeObject="Object")
    assert table["rows"][0]["object"]["data"] == {"a": "1", "b": "2"}


@case
async def pods_and_services(api: Api) -> None:
    await api.made(api.path("pods"), pod(schedulerName="nobody"))
    table = await _table(api, api.path("pods"))
    wide = "IP,Node,Nominated Node,Readiness Gates"
    assert _heads(table) == _strings("Name,Ready,Status,Restarts,Age", wide)
    none = ["<none>"] * 4
    assert _row(table, "Age") == ["lone", "0/1", "Pending", "0", *none]
    made = await api.made(api.path("services"), service())
    table = await _table(api, api.path("services"))
    heads = "Name,Type,Cluster-IP,External-IP,Port(s),Age"
    assert _heads(table) == _strings(heads, "Selector")
    address = made["spec"]["clusterIP"]
    assert _row(table, "Age") == ["web", "ClusterIP", address, "<none>", "80/TCP", "app=web"]


@case
async def statuses_of_pods(api: Api) -> None:
    await api.made(api.path("pods"), pod(nodeName="n1"))
    status: dict[str, Any] = {
        "phase": "Running",
        "podIP": "10.1.2.3",
        "podIPs": [{"ip": "10.1.2.3"}],
        "containerStatuses": [
            {
                "name": "app",
                "image": "web:1.0.0",
                "imageID": "",
                "ready": True,
                "restartCount": 0,
                "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}},
            }
        ],
    }
    path = api.path("pods", "lone")

    async def row() -> list[Any]:
        answer = await api.patch("merge", f"{path}/status", {"status": status})
        assert answer.code == 200, answer.body
        return _row(await _table(api, path), "Age")[:6]

    assert await row() == ["lone", "1/1", "Running", "0", "10.1.2.3", "n1"]
    container = status["containerStatuses"][0]
    container |= {"ready": False, "restartCount": 2}
    container["state"] = {"waiting": {"reason": "CrashLoopBackOff"}, "running": None}
    assert (await row())[:4] == ["lone", "0/1", "CrashLoopBackOff", "2"]
    await api.delete(path)
    assert (await row())[:3] == ["lone", "0/1", "Terminating"]
    await api.delete(path, {"gracePeriodSeconds": 0})


@case
async def other_workloads_in_tables(api: Api) -> None:
    for kind, heads, cells in (
        (
            "ReplicaSet",
            ["Desired", "Current", "Ready"],
            ["web", 0, 0, 0, "app", "web:1.0.0", "app=web"],
        ),
        (
            "DaemonSet",
            ["Desired", "Current", "Ready", "Up-to-date", "Available"],
            ["web", 0, 0, 0, 0, 0, "nowhere=yes", "app", "web:1.0.0", "app=web"],
        ),
    ):
        body = {**deployment(), "kind": kind}
        if kind == "DaemonSet":
            del body["spec"]["replicas"]
            body["spec"]["template"]["spec"]["nodeSelector"] = {"nowhere": "yes"}
        path = api.path(f"{kind.lower()}s", group="apps")
        await api.made(path, body)
        table = await _table(api, path)
        numbers = [(head, "integer", 0) for head in heads]
        selector = [("Node Selector", "string", 0)] if kind == "DaemonSet" else []
        tail = _strings("Age", "Containers,Images,Selector")
        assert _heads(table) == [("Name", "string", 0), *numbers, *selector, *tail]
        assert _row(table, "Age") == cells


@case
async def secrets_leases_slices_and_revisions(api: Api) -> None:
    made = await api.made(api.maps(), config_map())
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}
    await api.made(api.path("secrets"), {**secret, "stringData": {"a": "b"}})
    table = await _table(api, api.path("secrets"))
    assert _heads(table) == _strings("Name,Type,Data,Age")
    assert _row(table, "Age") == ["s", "Opaque", 1]
    lease = {"metadata": {"name": "l"}, "spec": {"holderIdentity": "me"}}
    path = api.path("leases", group="coordination.k8s.io")
    await api.made(path, {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", **lease})
    table = await _table(api, path)
    assert (_heads(table), _row(table, "Age")) == (_strings("Name,Holder,Age"), ["l", "me"])
    body = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "e"},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [f"10.1.2.{number}"]} for number in range(1, 6)],
        "ports": [{"port": 80}],
    }
    path = api.path("endpointslices", group="discovery.k8s.io")
    await api.made(path, body)
    table = await _table(api, path)
    assert _heads(table) == _strings("Name,AddressType,Ports,Endpoints,Age")
    endpoints = "10.1.2.1,10.1.2.2,10.1.2.3 + 2 more..."
    assert _row(table, "Age") == ["e", "IPv4", "80", endpoints]
    owner = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": "web",
        "uid": made["metadata"]["uid"],
        "controller": True,
    }
    path = api.path("controllerrevisions", group="apps")
    meta = {"name": "r", "ownerReferences": [owner]}
    revision = {"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": meta}
    answer = await api.post(path, {**revision, "revision": 3, "data": {}}, dryRun="All")
    assert answer.code == 201
    await api.made(path, {**revision, "metadata": {"name": "r"}, "revision": 3, "data": {}})
    table = await _table(api, path)
    assert _heads(table) == _strings("Name,Controller,Revision,Age")
    assert _row(table, "Age") == ["r", "<none>", 3]


@case
async def events(api: Api) -> None:
    one = await api.made(api.maps(), config_map())
    body = event("e", one)
    source = {"component": "flagger"}
    stamp = "2026-01-01T00:00:00Z"
    more = {"source": source, "count": 3, "firstTimestamp": stamp, "lastTimestamp": stamp}
    await api.made(api.path("events"), {**body, **more})
    table = await _table(api, api.path("events"))
    names = [(name, priority) for name, _, priority in _heads(table)]
    assert names == [
        ("Last Seen", 0),
        ("Type", 0),
        ("Reason", 0),
        ("Object", 0),
        ("Subobject", 1),
        ("Source", 1),
        ("Message", 0),
        ("First Seen", 1),
        ("Count", 1),
        ("Name", 1),
    ]
    found = _row(table, "Last Seen", "First Seen")
    assert found == ["Normal", "Synced", "configmap/settings", "", "flagger", "hello", 3, "e"]


@case
async def custom_resources_have_their_own_columns(api: Api) -> None:
    analysis = {"interval": "1m", "threshold": 1, "stepWeights": [10, 20]}
    await api.made(api.canaries(), canary(analysis=analysis))
    table = await _table(api, api.canaries())
    heads = _heads(table)
    assert heads[:3] == [("Name", "string", 0), ("Status", "string", 0), ("Weight", "string", 0)]
    assert ("Suspended", "boolean", 1) in heads
    names = [column["name"] for column in table["columnDefinitions"]]
    row = dict(zip(names, table["rows"][0]["cells"], strict=True))
    assert row["Name"] == "web" and row["Interval"] == "1m" and row["StepWeights"] == "[10,20]"
    assert row["Status"] is None and row["Suspended"] is None
    (weight,) = [c for c in table["columnDefinitions"] if c["name"] == "Weight"]
    text = "Custom resource definition column (in JSONPath format): .status.canaryWeight"
    assert weight["description"] == text


@case
async def a_watch_of_a_table_has_one_header(api: Api) -> None:
    await api.made(api.deployments(), deployment("a"))
    await api.made(api.deployments(), deployment("b"))
    request = Request("GET", api.deployments(), {"watch": "true"}, accept=_TABLE)
    async with api.transport.stream(request) as stream:
        watch = Watch(stream.lines())
        first, second = await watch.next(), await watch.next()
    assert first["object"]["kind"] == second["object"]["kind"] == "Table"
    assert len(first["object"]["columnDefinitions"]) == 8
    assert second["object"]["columnDefinitions"] is None
    assert {one["object"]["rows"][0]["cells"][0] for one in (first, second)} == {"a", "b"}
