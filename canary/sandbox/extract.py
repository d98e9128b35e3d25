"""Makes ``data/kubernetes.json``: types and discovery of the kinds that the sandbox serves.

``python -m canary.sandbox.extract FOLDER 1.36.3`` reads what Kubernetes (Apache License 2.0)
publishes of its API with every release: OpenAPI and discovery in the Go module
``k8s.io/kubernetes``, protobuf in ``k8s.io/api`` and ``k8s.io/apimachinery``. FOLDER holds these
modules (``$(go env GOMODCACHE)/k8s.io``). Descriptions are left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from canary.sandbox.protofiles import messages, reachable

SERVED = {
    "v1": (
        "namespaces",
        "nodes",
        "pods",
        "services",
        "configmaps",
        "secrets",
        "events",
    ),
    "apps/v1": ("deployments", "replicasets", "daemonsets", "controllerrevisions"),
    "discovery.k8s.io/v1": ("endpointslices",),
    "coordination.k8s.io/v1": ("leases",),
    "apiextensions.k8s.io/v1": ("customresourcedefinitions",),
    "authorization.k8s.io/v1": ("selfsubjectaccessreviews",),
    "autoscaling/v2": ("horizontalpodautoscalers",),
}
_ALSO = {"v1": (), "apps/v1": ("io.k8s.api.autoscaling.v1.Scale",)}
_OPTIONS = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"
TARGET = Path(__file__).parent / "data" / "kubernetes.json"


def main(modules: Path, release: str) -> None:
    """Write the file."""
    folder = modules / f"kubernetes@v{release}"
    types: dict[str, Any] = {}
    resources: dict[str, Any] = {}
    for version, plurals in SERVED.items():
        stem = (f"apis/{version}" if "/" in version else f"api/{version}").replace("/", "__")
        rows = _read(folder / "api/discovery" / f"{stem}.json")["resources"]
        resources[version] = [row for row in rows if row["name"].partition("/")[0] in plurals]
        document = _read(folder / "api/openapi-spec/v3" / f"{stem}_openapi.json")
        schemas = document["components"]["schemas"]
        group, _, short = version.rpartition("/")
        kinds = {
            (group, short, row["kind"]) for row in resources[version] if row["name"] in plurals
        }
        wanted = [name for name, schema in schemas.items() if _kinds(schema) & kinds]
        wanted += _ALSO.get(version, ())
        while wanted:
            name = wanted.pop()
            if name not in types and name != _OPTIONS:
                types[name] = _stripped(schemas[name])
                wanted += _references(schemas[name])
    typed = [name for name, schema in types.items() if _kinds(schema)]
    minor = release.partition(".")[2]
    found = reachable(messages(modules, f"v0.{minor}"), typed)
    content = {"messages": found, "resources": resources, "types": types}
    TARGET.write_bytes(orjson.dumps(content, option=orjson.OPT_SORT_KEYS) + b"\n")


def _read(path: Path) -> Any:
    return orjson.loads(path.read_bytes())


def _kinds(schema: Any) -> set[tuple[str, str, str]]:
    rows = schema.get("x-kubernetes-group-version-kind") or ()
    # Options and the like are of every group: only an object's own type has one row.
    return {(r["group"], r["version"], r["kind"]) for r in rows} if len(rows) == 1 else set()


def _stripped(value: Any) -> Any:
    if isinstance(value, dict):
        # A member of that name is an object; the text about one is not.
        return {
            key: _stripped(child)
            for key, child in value.items()
            if not (key == "description" and isinstance(child, str))
        }
    return [_stripped(child) for child in value] if isinstance(value, list) else value


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, child in value.items():
            if key == "$ref" and isinstance(child, str):
                yield child.rpartition("/")[2]
            else:
                yield from _references(child)
    elif isinstance(value, list):
        for child in value:
            yield from _references(child)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
