"""What schemas of custom resources can ask for."""

from __future__ import annotations

from typing import Any

from tests.conformance.api import Api
from tests.conformance.cases.registry import case

GROUP = "conformance.example"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def definition(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A definition of one kind of one version."""
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{name}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "names": {"kind": name.title(), "plural": name},
            "scope": "Namespaced",
            "versions": [version],
        },
    }


async def established(api: Api, body: dict[str, Any]) -> dict[str, Any]:
    """The definition, once its kind is served."""
    await api.made(DEFINITIONS, body)
    async with api.watch(
        DEFINITIONS, fieldSelector=f"metadata.name={body['metadata']['name']}"
    ) as watch:
        event = await watch.until(
            lambda event: any(
                (one["type"], one["status"]) == ("Established", "True")
                for one in (event["object"].get("status") or {}).get("conditions") or ()
            )
        )
    return event["object"]


@case
async def definitions_are_established(api: Api) -> None:
    name = f"frobs{api.suffix}"
    found = await established(api, definition(name, {"type": "object"}))
    accepted = {
        "plural": name,
        "singular": name,
        "kind": name.title(),
        "listKind": f"{name.title()}List",
    }
    # The kind's own default for its singular is its name in lower case.
    assert found["spec"]["names"] == found["status"]["acceptedNames"] == accepted
    assert found["spec"]["conversion"] == {"strategy": "None"}
    assert found["status"]["storedVersions"] == ["v1"]
    full = found["metadata"]["name"]
    assert (await api.delete(f"{DEFINITIONS}/{full}")).code == 200
    await api.gone(DEFINITIONS, full)


_SPEC: dict[str, Any] = {
    "type": "object",
    "properties": {
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "word": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5},
        "list": {"type": "array", "maxItems": 2, "items": {"type": "string"}},
        "port": {"x-kubernetes-int-or-string": True},
        "maybe": {"type": "string", "nullable": True},
        "mode": {"type": "string", "default": "fast", "enum": ["fast", "slow"]},
        "either": {
            "type": "object",
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
            "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
        },
        "one": {
            "type": "object",
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
            "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
        },
        "none_or_one": {
            "type": "object",
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
            "oneOf": [
                {"not": {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}},
                {"required": ["a"]},
                {"required": ["b"]},
            ],
        },
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "inner": {
            "type": "object",
            "default": {},
            "properties": {"level": {"type": "integer", "default": 3}},
        },
    },
}


async def _kind(api: Api) -> tuple[str, str]:
    """Path of the collection of a new kind with a rich schema, and the kind."""
    name = f"rich{api.suffix}"
    schema = {"type": "object", "properties": {"spec": {**_SPEC}}}
    await established(api, definition(name, schema))
    return api.path(name, group=GROUP), name.title()


def _body(kind: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": kind,
        "metadata": {"name": "some"},
        "spec": spec,
    }


@case
async def defaults_and_pruning_follow_the_schema(api: Api) -> None:
    path, kind = await _kind(api)
    given = {"free": {"a": {"b": 1}}, "labels": {"x": "y"}, "port": "http", "zzz": 1}
    made = await api.made(path, _body(kind, **given), fieldValidation="Ignore")
    assert made["spec"] == {
        "free": {"a": {"b": 1}},
        "labels": {"x": "y"},
        "port": "http",
        "mode": "fast",
        "inner": {"level": 3},
    }
    answer = await api.patch("merge", f"{path}/some", {"spec": {"port": 80, "maybe": None}})
    assert (answer.code, answer.body["spec"]["port"]) == (200, 80)
    await api.delete(f"{DEFINITIONS}/{kind.lower()}.{GROUP}")


@case
async def violations_are_named_as_the_server_does(api: Api) -> None:
    path, kind = await _kind(api)
    invalid, none = "Invalid value: ", "<nil>"
    in_body = "in body should"
    for spec, field, text in (
        (
            {"count": 0},
            "spec.count",
            f"{invalid}0: spec.count {in_body} be greater than or equal to 1",
        ),
        (
            {"count": 10},
            "spec.count",
            f"{invalid}10: spec.count {in_body} be less than or equal to 9",
        ),
        (
            {"count": 1.5},
            "spec.count",
            f'{invalid}"number": spec.count in body must be of type integer: "number"',
        ),
        ({"word": "A"}, "spec.word", f"{invalid}\"A\": spec.word {in_body} match '^[a-z]+$'"),
        ({"word": "abcdef"}, "spec.word", "Too long: may not be more than 5 bytes"),
        ({"list": ["a", "b", "c"]}, "spec.list", "Too many: 3: must have at most 2 items"),
        (
            {"list": [1]},
            "spec.list[0]",
            f'{invalid}"integer": spec.list[0] in body must be of type string: "integer"',
        ),
        (
            {"port": []},
            "spec.port",
            f'{invalid}"array": spec.port in body must be of type integer,string: "array"',
        ),
        (
            {"mode": "odd"},
            "spec.mode",
            'Unsupported value: "odd": supported values: "fast", "slow"',
        ),
        (
            {"labels": {"a": 1}},
            "spec.labels.a",
            f'{invalid}"integer": spec.labels.a in body must be of type string: "integer"',
        ),
        (
            {"either": {}},
            none,
            f'{invalid}"": "spec.either" must validate at least one schema (anyOf)',
        ),
        (
            {"one": {"a": "x", "b": "y"}},
            none,
            f'{invalid}"": "spec.one" must validate one and only one schema (oneOf). '
            "Found 2 valid alternatives",
        ),
    ):
        answer = await api.post(path, _body(kind, **spec))
        assert (answer.code, answer.reason) == (422, "Invalid"), spec
        causes = {(one["field"], one["message"]) for one in answer.body["details"]["causes"]}
        assert (field, text) in causes
    await api.delete(f"{DEFINITIONS}/{kind.lower()}.{GROUP}")


@case
async def a_choice_may_have_an_alternative_that_excludes_the_others(api: Api) -> None:
    path, kind = await _kind(api)
    for fits in ({}, {"a": "x"}, {"b": "y"}):
        answer = await api.post(path, _body(kind, none_or_one=fits), dryRun="All")
        assert answer.code == 201, fits
    answer = await api.post(path, _body(kind, none_or_one={"a": "x", "b": "y"}))
    assert (answer.code, answer.reason) == (422, "Invalid")
    await api.delete(f"{DEFINITIONS}/{kind.lower()}.{GROUP}")
