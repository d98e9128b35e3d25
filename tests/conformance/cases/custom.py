"""Custom resources: schemas, pruning, status."""

from __future__ import annotations

from typing import Any

from tests.conformance.api import Api
from tests.conformance.cases.registry import case
from tests.conformance.manifests import canary

_ANALYSIS = {"interval": "1m", "threshold": 1, "iterations": 2}
_UNCHECKED = (
    "<nil>",
    "Invalid value: null: some validation rules were not checked because the object was invalid; "
    "correct the existing errors to complete validation",
)
_STATUS = {
    "phase": "Failed",
    "canaryWeight": 1,
    "failedChecks": 0,
    "iterations": 0,
    "lastTransitionTime": "2026-01-01T00:00:00Z",
}


def _whole(**spec: Any) -> dict[str, Any]:
    return canary(**{"analysis": _ANALYSIS, **spec})


@case
async def unknown_fields_are_pruned_or_refused(api: Api) -> None:
    body = _whole(bogus=1)
    body["metadata"]["zzz"] = 1
    answer = await api.post(api.canaries(), body, fieldValidation="Strict")
    prefix = 'Canary in version "v1beta1" cannot be handled as a Canary: strict decoding error: '
    text = 'unknown field "metadata.zzz", unknown field "spec.bogus"'
    assert (answer.code, answer.message) == (400, prefix + text)
    made = await api.made(api.canaries(), body, fieldValidation="Ignore")
    assert "bogus" not in made["spec"] and "zzz" not in made["metadata"]
    answer = await api.patch(
        "merge", api.canaries("web"), {"spec": {"zzz": 1}}, fieldValidation="Strict"
    )
    assert answer.code == 422
    assert answer.message.endswith('strict decoding error: unknown field "spec.zzz"')


@case
async def schemas_are_checked(api: Api) -> None:
    async def refused(body: Any, *errors: tuple[str, str]) -> None:
        answer = await api.post(api.canaries(), body)
        assert (answer.code, answer.reason) == (422, "Invalid")
        causes = answer.body["details"]["causes"]
        found = {(cause["field"], cause["message"]) for cause in causes}
        assert found == {*errors, _UNCHECKED}

    none = (
        "<nil>",
        'Invalid value: "": "spec.analysis" must validate one and only one schema (oneOf). '
        "Found none valid",
    )
    missing = "Required value"
    await refused(
        canary(analysis={"interval": "1m", "threshold": 1}),
        none,
        ("spec.analysis.iterations", missing),
    )
    body = _whole()
    del body["spec"]["targetRef"]
    await refused(body, ("spec.targetRef", missing))
    threshold = 'Invalid value: "string": spec.analysis.threshold in body must be of type number: '
    await refused(
        _whole(analysis={**_ANALYSIS, "threshold": "x"}),
        ("spec.analysis.threshold", f'{threshold}"string"'),
    )


@case
async def an_enum_is_checked_beside_the_type(api: Api) -> None:
    answer = await api.post(api.canaries(), _whole(provider=7))
    causes = answer.body["details"]["causes"]
    found = [(cause["reason"], cause["field"]) for cause in causes]
    assert found == [
        ("FieldValueTypeInvalid", "spec.provider"),
        ("FieldValueNotSupported", "spec.provider"),
        ("FieldValueInvalid", "<nil>"),
    ]
    assert causes[1]["message"].startswith('Unsupported value: 7: supported values: "apisix", ')


@case
async def a_custom_resource_has_to_say_its_kind(api: Api) -> None:
    answer = await api.post(api.canaries(), {**_whole(), "kind": "Frob"})
    text = 'Frob.flagger.app "web" is invalid: kind: Invalid value: "Frob": must be Canary'
    assert (answer.code, answer.message) == (422, text)
    body = _whole()
    del body["kind"]
    answer = await api.post(api.canaries(), body)
    text = "the object provided is unrecognized (must be of type Canary): Object 'Kind' is missing"
    assert answer.code == 400 and answer.message.startswith(text)


@case
async def updates_need_a_version(api: Api) -> None:
    await api.made(api.canaries(), _whole())
    text = "metadata.resourceVersion: Invalid value: 0: must be specified for an update"
    for path, body in (
        (api.canaries("web"), _whole()),
        (api.canaries("web/status"), {**_whole(), "status": _STATUS}),
    ):
        answer = await api.put(path, body)
        assert (answer.code, answer.message) == (
            422,
            f'canaries.flagger.app "web" is invalid: {text}',
        )
        assert answer.body["details"]["kind"] == "canaries"


@case
async def status_is_written_apart_and_pruned(api: Api) -> None:
    made = await api.made(api.canaries(), {**_whole(), "status": _STATUS}, fieldManager="user")
    assert "status" not in made
    body = {**made, "spec": {**made["spec"], "provider": "istio"}}
    body["status"] = {**_STATUS, "zzz": 1}
    answer = await api.put(api.canaries("web/status"), body, fieldManager="engine")
    assert (answer.code, answer.body["status"]) == (200, _STATUS)
    assert "provider" not in answer.body["spec"]
    assert answer.meta["generation"] == 1
    rows = {row["manager"]: row for row in answer.meta["managedFields"]}
    assert rows["engine"]["subresource"] == "status"
    fields = {f"f:{name}": {} for name in _STATUS}
    assert rows["engine"]["fieldsV1"] == {"f:status": {".": {}, **fields}}
    spec = rows["user"]["fieldsV1"]["f:spec"]
    assert spec["f:analysis"] == {".": {}, **{f"f:{name}": {} for name in _ANALYSIS}}
    found = await api.get(api.canaries("web/status"))
    assert (found.code, found.body) == (200, (await api.get(api.canaries("web"))).body)
    patch = {"status": {"phase": "Succeeded"}}
    answer = await api.patch("merge", api.canaries("web/status"), patch)
    assert (answer.code, answer.body["status"]) == (200, {**_STATUS, **patch["status"]})
    old = await api.put(api.canaries("web/status"), {**made, "status": _STATUS})
    assert (old.code, old.reason) == (409, "Conflict")


@case
async def apply_declares_what_the_schema_knows(api: Api) -> None:
    path = api.canaries("web")
    answer = await api.apply(path, _whole(zzz=1), "one")
    prefix = "failed to create typed patch object (/web; flagger.app/v1beta1, Kind=Canary): "
    text = ".spec.zzz: field not declared in schema"
    assert (answer.code, answer.message) == (500, prefix + text)
    answer = await api.apply(path, _whole(), "one")
    assert answer.code == 201
    (row,) = answer.meta["managedFields"]
    assert row["fieldsV1"]["f:spec"]["f:service"] == {"f:port": {}}
    body = _whole(service={"port": 81})
    answer = await api.apply(path, body, "two")
    text = 'Apply failed with 1 conflict: conflict with "one": .spec.service.port'
    assert (answer.code, answer.message) == (409, text)
    answer = await api.apply(path, body, "two", force="true")
    assert answer.body["spec"]["service"] == {"port": 81}
    assert answer.meta["generation"] == 2


@case
async def strategic_patches_are_for_built_in_kinds(api: Api) -> None:
    await api.made(api.canaries(), _whole())
    answer = await api.patch("strategic", api.canaries("web"), {})
    assert (answer.code, answer.reason) == (415, "UnsupportedMediaType")
    assert answer.message == (
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
    )


@case
async def custom_resources_are_watched_and_patched_like_others(api: Api) -> None:
    made = await api.made(api.canaries(), _whole())
    meta = made["metadata"]
    version = meta["resourceVersion"]
    async with api.watch(api.canaries(), resourceVersion=version) as watch:
        operations = [
            {"op": "test", "path": "/metadata/uid", "value": meta["uid"]},
            {
                "op": "replace",
                "path": "/metadata/resourceVersion",
                "value": meta["resourceVersion"],
            },
            {"op": "replace", "path": "/spec/service/port", "value": 81},
        ]
        answer = await api.patch("json", api.canaries("web"), operations)
        assert (answer.code, answer.meta["generation"]) == (200, 2)
        event = await watch.next()
    assert (event["type"], event["object"]["spec"]["service"]) == ("MODIFIED", {"port": 81})
    assert event["object"]["kind"] == "Canary"
    again = await api.patch("json", api.canaries("web"), operations)
    assert (again.code, again.reason) == (409, "Conflict")


@case
async def rules_are_checked_of_texts_and_lists(api: Api) -> None:
    async def refused(steps: Any, *errors: tuple[str, str]) -> None:
        analysis = {"interval": "1m", "threshold": 1, "engine": {"steps": steps}}
        answer = await api.post(api.canaries(), _whole(analysis=analysis))
        assert (answer.code, answer.reason) == (422, "Invalid")
        causes = answer.body["details"]["causes"]
        assert {(cause["field"], cause["message"]) for cause in causes} == set(errors)

    steps = "spec.analysis.engine.steps"
    rises = "must have a step at least, and weights that rise from step to step"
    for wrong in ([], [{"weight": 5}, {"weight": 5}], [{"weight": 50}, {"weight": 5}]):
        await refused(wrong, (steps, f"Invalid value: {rises}"))
    await refused(
        [{"weight": 5, "duration": "0s"}],
        (f"{steps}[0].duration", 'Invalid value: "0s": must be longer than nothing'),
    )


@case
async def one_of_several_fields_may_be_one_below(api: Api) -> None:
    steps = {"engine": {"steps": [{"weight": 5}, {"weight": 50}]}}
    own = {"interval": "1m", "threshold": 1}
    await api.made(api.canaries(), _whole(analysis={**own, **steps}))
    body = canary("other", analysis={**_ANALYSIS, **steps})
    answer = await api.post(api.canaries(), body)
    (cause,) = answer.body["details"]["causes"]
    assert cause["field"] == "<nil>"
    assert cause["message"].endswith("(oneOf). Found 2 valid alternatives")
