"""``crds/`` is fresh, structural, and complete beside the schemas."""

from __future__ import annotations

import re

import pytest

from canary.api import crd
from canary.api.canary import InvalidObject

KINDS = ("Canary", "MetricTemplate", "AlertProvider")
ANYWHERE = {
    "type",
    "description",
    "properties",
    "items",
    "additionalProperties",
    "required",
    "enum",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "maxItems",
    "default",
    "oneOf",
    "anyOf",
    "x-kubernetes-int-or-string",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-validations",
}


@pytest.fixture(params=KINDS)
def schema(schemas, request):
    return schemas[request.param]


def nodes(schema, path="$"):
    yield path, schema
    for name, child in schema.get("properties", {}).items():
        yield from nodes(child, f"{path}.{name}")
    for key in ("items", "additionalProperties"):
        if key in schema:
            yield from nodes(schema[key], f"{path}.{key}")


def test_the_files_are_fresh(root):
    assert crd.main(["--check", "--dir", str(root / "crds")]) == 0


def test_a_stale_file_is_named_and_mended(tmp_path, capsys):
    assert crd.main(["--dir", str(tmp_path)]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "alertproviders.yaml",
        "canaries.yaml",
        "metrictemplates.yaml",
    ]
    (tmp_path / "canaries.yaml").write_text("by hand")
    (tmp_path / "alertproviders.yaml").unlink()
    assert crd.main(["--check", "--dir", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "canaries.yaml" in said
    assert "alertproviders.yaml" in said
    assert "metrictemplates.yaml" not in said
    assert (tmp_path / "canaries.yaml").read_text() == "by hand"
    assert crd.main(["--dir", str(tmp_path)]) == 0
    assert crd.main(["--check", "--dir", str(tmp_path)]) == 0


def test_every_node_is_structural(schema):
    for path, node in nodes(schema):
        assert set(node) <= ANYWHERE, path
        if node.get("x-kubernetes-int-or-string"):
            assert "type" not in node, path
        else:
            assert isinstance(node.get("type"), str), path
        assert not ("properties" in node and "additionalProperties" in node), path
        assert set(node.get("required", ())) <= set(node.get("properties", ())), path
        assert node.get("type") != "array" or "items" in node, path
        if "default" in node:
            assert isinstance(node["default"], str | int), path


def test_rules_of_choice_hold_nothing_but_names(schema):
    """A structural schema allows no types, defaults or descriptions inside these."""

    def check(branch, node, path):
        if "not" in branch:
            assert set(branch) == {"not"}
            for each in branch["not"]["anyOf"]:
                check(each, node, path)
            return
        assert set(branch) <= {"required", "properties"}
        assert set(branch["required"]) <= set(node["properties"]), path
        for name, below in branch.get("properties", {}).items():
            check(below, node["properties"][name], f"{path}.{name}")

    for path, node in nodes(schema):
        for branch in (*node.get("oneOf", ()), *node.get("anyOf", ())):
            check(branch, node, path)


@pytest.mark.parametrize(
    ("name", "kind", "columns"),
    [
        (
            "canaries",
            "Canary",
            [
                ("Status", "string", ".status.phase", 0),
                ("Weight", "string", ".status.canaryWeight", 0),
                ("Suspended", "boolean", ".spec.suspend", 1),
                ("FailedChecks", "string", ".status.failedChecks", 1),
                ("Interval", "string", ".spec.analysis.interval", 1),
                ("Mirror", "boolean", ".spec.analysis.mirror", 1),
                ("StepWeight", "string", ".spec.analysis.stepWeight", 1),
                ("StepWeights", "string", ".spec.analysis.stepWeights", 1),
                ("MaxWeight", "string", ".spec.analysis.maxWeight", 1),
                ("LastTransitionTime", "string", ".status.lastTransitionTime", 0),
            ],
        ),
        ("metrictemplates", "MetricTemplate", [("Provider", "string", ".spec.provider.type", 0)]),
        ("alertproviders", "AlertProvider", [("Type", "string", ".spec.type", 0)]),
    ],
)
def test_registration(crds, name, kind, columns):
    found = crds[kind]
    assert found["apiVersion"] == "apiextensions.k8s.io/v1"
    assert found["metadata"] == {
        "name": f"{name}.flagger.app",
        "annotations": {"helm.sh/resource-policy": "keep"},
    }
    spec = found["spec"]
    assert spec["names"] == {
        "kind": kind,
        "listKind": f"{kind}List",
        "plural": name,
        "singular": kind.lower(),
        "categories": ["all"],
    }
    assert (spec["group"], spec["scope"]) == ("flagger.app", "Namespaced")
    (version,) = spec["versions"]
    assert (version["name"], version["served"], version["storage"]) == ("v1beta1", True, True)
    assert version["subresources"] == {"status": {}}
    assert [
        (column["name"], column["type"], column["jsonPath"], column.get("priority", 0))
        for column in version["additionalPrinterColumns"]
    ] == columns


def test_the_record_is_kept_whole(schemas):
    record = schemas["Canary"]["properties"]["status"]["properties"]["engine"]
    assert record["type"] == "object"
    assert record["x-kubernetes-preserve-unknown-fields"] is True
    assert "properties" not in record


@pytest.mark.parametrize("field", ["settle", "drain"])
def test_the_rule_of_a_time_and_the_model_agree(schemas, canary, field):
    engine = schemas["Canary"]["properties"]["spec"]["properties"]["engine"]
    node = engine["properties"][field]
    (rule,) = node["x-kubernetes-validations"]
    quoted = re.fullmatch(r"self\.matches\('(.*)'\)", rule["rule"])
    assert quoted
    pattern = quoted[1].replace("\\\\", "\\")

    def accepted(text):
        try:
            canary({"spec.engine": {field: text}})
        except InvalidObject:
            return False
        return True

    texts = ["2s", "0s", "1m30s", "1.5h", "20us", "", "2", "-2s", ".5s", "2x", "1m 30s", "1..5s"]
    texts += ["1s" * 16, "1s" * 17]
    for text in texts:
        by_schema = bool(re.search(pattern, text)) and len(text) <= node["maxLength"]
        assert accepted(text) == by_schema, text
    assert [text for text in texts if accepted(text)] == [*texts[:5], "1s" * 16]
