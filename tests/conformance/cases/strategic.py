"""Strategic merge patch, as ``kubectl patch``, ``apply``, ``edit`` and ``set image`` send it."""

from __future__ import annotations

from typing import Any

from tests.conformance.api import Api
from tests.conformance.cases.registry import case
from tests.conformance.manifests import deployment


def _three() -> dict[str, Any]:
    body = deployment()
    spec = body["spec"]["template"]["spec"]
    spec["containers"] = [{"name": name, "image": f"{name}:1"} for name in "abc"]
    spec["volumes"] = [{"name": "v", "emptyDir": {}}]
    return body


def _pod(**spec: Any) -> dict[str, Any]:
    return {"spec": {"template": {"spec": spec}}}


async def _patched(api: Api, patch: Any) -> dict[str, Any]:
    answer = await api.patch("strategic", api.deployments("web"), patch, dryRun="All")
    assert answer.code == 200, answer.body
    return answer.body


async def _images(api: Api, patch: Any) -> list[str]:
    spec = (await _patched(api, patch))["spec"]["template"]["spec"]
    return [f"{one['name']}={one['image']}" for one in spec["containers"]]


@case
async def items_are_merged_by_their_key(api: Api) -> None:
    await api.made(api.deployments(), _three())
    patch = _pod(containers=[{"name": "b", "image": "x"}])
    assert await _images(api, patch) == ["a=a:1", "b=x", "c=c:1"]
    patch = _pod(containers=[{"name": "b", "$patch": "delete"}])
    assert await _images(api, patch) == ["a=a:1", "c=c:1"]
    patch = _pod(containers=[{"$patch": "replace"}, {"name": "z", "image": "z"}])
    assert await _images(api, patch) == ["z=z"]


@case
async def new_items_come_first_unless_an_order_is_set(api: Api) -> None:
    await api.made(api.deployments(), _three())
    new = [{"name": "z", "image": "z"}]
    assert await _images(api, _pod(containers=new)) == ["z=z", "a=a:1", "b=b:1", "c=c:1"]
    order = [{"name": name} for name in "abcz"]
    patch = _pod(**{"containers": new, "$setElementOrder/containers": order})
    assert await _images(api, patch) == ["a=a:1", "b=b:1", "c=c:1", "z=z"]
    order = [{"name": name} for name in "cba"]
    patch = _pod(**{"$setElementOrder/containers": order})
    assert await _images(api, patch) == ["c=c:1", "b=b:1", "a=a:1"]
    order = [{"name": name} for name in "ca"]
    patch = _pod(
        **{"containers": [{"name": "c", "image": "x"}], "$setElementOrder/containers": order}
    )
    assert await _images(api, patch) == ["b=b:1", "c=x", "a=a:1"]


@case
async def unions_retain_the_named_members(api: Api) -> None:
    await api.made(api.deployments(), _three())
    patch = {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}
    found = await _patched(api, patch)
    assert found["spec"]["strategy"] == {"type": "Recreate"}
    volume = {"name": "v", "$retainKeys": ["name", "hostPath"], "hostPath": {"path": "/x"}}
    found = await _patched(api, _pod(volumes=[volume]))
    volumes = found["spec"]["template"]["spec"]["volumes"]
    assert volumes == [{"name": "v", "hostPath": {"path": "/x", "type": ""}}]
    answer = await api.patch(
        "strategic", api.deployments("web"), {"spec": {"strategy": {"type": "Recreate"}}}
    )
    assert answer.code == 422
    assert answer.message == (
        'Deployment.apps "web" is invalid: spec.strategy.rollingUpdate: Forbidden: '
        "may not be specified when strategy `type` is 'Recreate'"
    )


@case
async def lists_of_scalars_are_sets(api: Api) -> None:
    body = {**_three()}
    body["metadata"] = {"name": "web", "finalizers": ["x.example/a", "x.example/b"]}
    await api.made(api.deployments(), body)

    async def finalizers(**meta: Any) -> list[str]:
        return (await _patched(api, {"metadata": meta}))["metadata"]["finalizers"]

    found = await finalizers(finalizers=["x.example/c"])
    assert found == ["x.example/c", "x.example/a", "x.example/b"]
    found = await finalizers(**{"$deleteFromPrimitiveList/finalizers": ["x.example/a"]})
    assert found == ["x.example/b"]
    await api.patch("merge", api.deployments("web"), {"metadata": {"finalizers": None}})


@case
async def maps_are_merged_lists_without_keys_replaced(api: Api) -> None:
    body = _three()
    body["spec"]["template"]["spec"]["tolerations"] = [{"key": "old"}]
    await api.made(api.deployments(), body)
    found = await _patched(api, _pod(tolerations=[{"key": "new"}]))
    assert found["spec"]["template"]["spec"]["tolerations"] == [{"key": "new"}]
    patch = {"metadata": {"labels": {"a": "b"}, "annotations": {"c": None}}}
    assert (await _patched(api, patch))["metadata"]["labels"] == {"a": "b"}
    patch = _pod(securityContext={"$patch": "replace", "runAsUser": 1})
    spec = (await _patched(api, patch))["spec"]["template"]["spec"]
    assert spec["securityContext"] == {"runAsUser": 1}


@case
async def malformed_patches(api: Api) -> None:
    await api.made(api.deployments(), _three())
    path = api.deployments("web")
    answer = await api.patch("strategic", path, _pod(containers=[{"image": "x"}]))
    text = "map: map[image:x] does not contain declared merge key: name"
    assert (answer.code, answer.message) == (500, text)
    answer = await api.patch("strategic", path, {"spec": {"template": {"$patch": "bogus"}}})
    text = "unknown patch type: bogus in map: map[$patch:bogus]"
    assert (answer.code, answer.message) == (500, text)
    answer = await api.patch("strategic", path, [])
    text = "json: cannot unmarshal array into Go value of type map[string]interface {}"
    assert (answer.code, answer.message) == (400, text)
