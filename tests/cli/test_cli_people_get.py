"""``canary get``: the table, the other forms, and the watch."""

from __future__ import annotations

import json

import yaml
from people import canary, columns, remove_canary, second_canary, watching
from people_flagger import store_status

from canary.kube.resources import CANARIES, Key
from tests.rig.manifests import setting
from tests.rig.staged import staged
from tests.transcripts.script import Script


@staged()
async def test_a_rollout_under_way_is_one_row(script: Script) -> None:
    # stepWeight 10 up to maxWeight 50 are five steps; weight 20 is the second one.
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    said = await canary(script.stage, "get")
    header, row = said.lines
    assert columns(header) == ["NAME", "STATUS", "WEIGHT", "STEP", "REASON", "NEXT", "AGE"]
    name, status, weight, step, reason, coming, _age = columns(row)
    assert (name, status, weight, step) == ("podinfo", "Progressing", "20", "2/5")
    assert reason.startswith("passed: request-success-rate 100.00%")
    assert coming.startswith("about ") and said.code == 0


@staged()
async def test_wide_has_the_columns_of_flagger(script: Script) -> None:
    # api.md section 1, printer columns of priority 1, and LASTTRANSITIONTIME.
    await script.initialized()
    header, row = (await canary(script.stage, "get -o wide")).lines
    found = dict(zip(columns(header), columns(row), strict=True))
    assert (found["FAILEDCHECKS"], found["INTERVAL"]) == ("0", "1m")
    assert (found["STEPWEIGHT"], found["MAXWEIGHT"]) == ("10", "50")
    assert (found["STEPWEIGHTS"], found["SUSPENDED"]) == ("-", "-")
    assert found["LASTTRANSITIONTIME"] == script.stage.status()["lastTransitionTime"]


@staged()
async def test_a_long_reason_is_cut_but_not_in_wide(script: Script) -> None:
    await script.stage.up()
    await script.stage.apply(*setting(spec={"provider": "traefik"}))
    script.stage.start()
    await script.stage.rest(10)
    whole = "spec.provider: traefik is not supported by this version yet: accepted are "
    assert whole in (await canary(script.stage, "get -o wide")).out
    short = (await canary(script.stage, "get")).out
    assert whole not in short and "Unsupported: spec.provider" in short


@staged()
async def test_objects_come_as_they_are_stored(script: Script) -> None:
    await script.initialized()
    stored = json.loads(json.dumps(await script.stage.user.get(CANARIES, "test", "podinfo")))
    del stored["metadata"]["managedFields"]
    one = await canary(script.stage, "get podinfo -o json")
    assert json.loads(one.out) == stored
    assert yaml.safe_load((await canary(script.stage, "get podinfo -o yaml")).out) == stored
    every = json.loads((await canary(script.stage, "get -o json")).out)
    assert (every["kind"], every["items"]) == ("List", [stored])


@staged()
async def test_names_selectors_and_all_namespaces(script: Script) -> None:
    stage = script.stage
    await stage.up(namespaces=("test", "shop"))
    await stage.apply(*setting())
    await second_canary(stage, "other", team="shop")
    elsewhere = setting()[3]
    elsewhere["metadata"]["namespace"] = "shop"
    await stage.apply(elsewhere)
    assert (await canary(stage, "get -o name")).lines == [
        "canary.flagger.app/other",
        "canary.flagger.app/podinfo",
    ]
    assert (await canary(stage, "get -l team=shop -o name")).lines == ["canary.flagger.app/other"]
    both = (await canary(stage, "get podinfo other -o name")).lines
    assert both == ["canary.flagger.app/podinfo", "canary.flagger.app/other"]
    header, *rows = (await canary(stage, "get -A")).lines
    assert columns(header)[:2] == ["NAMESPACE", "NAME"]
    assert [columns(row)[:2] for row in rows] == [
        ["shop", "podinfo"],
        ["test", "other"],
        ["test", "podinfo"],
    ]


@staged()
async def test_nothing_is_said_in_words_and_only_in_the_table(script: Script) -> None:
    await script.stage.up()
    empty = await canary(script.stage, "get")
    assert (empty.code, empty.out) == (0, "There are no Canaries in namespace test.\n")
    assert (await canary(script.stage, "get -o name")).out == ""
    assert json.loads((await canary(script.stage, "get -o json")).out)["items"] == []


@staged()
async def test_a_name_that_is_not_there_says_where_to_look(script: Script) -> None:
    await script.stage.up()
    said = await canary(script.stage, "get podinfo")
    assert said.code == 1 and said.out == ""
    assert "'podinfo'" in said.error and "namespace test" in said.error
    assert "canary get -A" in said.error


@staged()
async def test_a_cluster_without_the_definitions_says_what_to_install(script: Script) -> None:
    for line in ("get", "get podinfo", "status podinfo", "wait podinfo"):
        said = await canary(script.stage, line)
        assert said.code in (1, 5)
        assert "canary crds | kubectl apply --server-side -f -" in said.error


@staged()
async def test_a_name_is_of_one_namespace(script: Script) -> None:
    await script.stage.up()
    assert "-A" in (await canary(script.stage, "get podinfo -A")).error


@staged()
async def test_a_canary_that_nobody_has_seen_yet(script: Script) -> None:
    await script.stage.up()
    await script.stage.apply(*setting())
    row = columns((await canary(script.stage, "get")).lines[1])
    assert row[1:4] == ["-", "-", "-"] and "no engine has looked at" in row[4]


@staged()
async def test_what_others_wrote_does_not_steer_the_terminal(script: Script) -> None:
    await script.stage.up()
    await script.stage.apply(*setting())
    condition = {"type": "Promoted", "status": "True", "reason": "x", "message": "a\x1b[2Jb\nc"}
    store_status(script.stage, {"phase": "Succeeded", "conditions": [condition]})
    for line in ("get", "get -o wide", "status podinfo"):
        out = (await canary(script.stage, line)).out
        assert "\x1b" not in out and "a?[2Jb c" in out


@staged()
async def test_the_watch_shows_each_change_under_one_header(script: Script) -> None:
    await script.initialized()
    async with watching(script.stage, "get -w") as stream:
        await script.stage.rest(1)
        await script.image("2.0.0")
        await script.reaches("Progressing", 20)
        await remove_canary(script.stage)
        await script.stage.rest(1)
        header, *rows = stream.getvalue().splitlines()
    assert columns(header)[0] == "NAME"
    assert not any("STATUS" in row for row in rows)
    weights = [columns(row)[1:3] for row in rows[:-1]]
    assert weights[0] == ["Initialized", "0"] and weights[-1] == ["Progressing", "20"]
    assert ["Progressing", "10"] in weights
    assert rows[-1] == "# podinfo.test was deleted"


@staged()
async def test_the_watch_keeps_to_names_and_forms(script: Script) -> None:
    await script.stage.up()
    await script.stage.apply(*setting())
    await second_canary(script.stage)
    async with watching(script.stage, "get other -w -o yaml") as stream:
        await script.stage.rest(1)
        store_status(script.stage, {"phase": "Failed"}, "other")
        store_status(script.stage, {"phase": "Failed"}, "podinfo")
        await script.stage.rest(1)
        found = list(yaml.safe_load_all(stream.getvalue()))
    assert [obj["metadata"]["name"] for obj in found] == ["other", "other"]
    assert found[1]["status"] == {"phase": "Failed"}


@staged()
async def test_the_watch_survives_a_break(script: Script) -> None:
    stage = script.stage
    await stage.up()
    await stage.apply(*setting())
    async with watching(stage, "get -w -o name") as stream:
        await stage.rest(1)
        # Five minutes and more: the server ends its watch, and it is opened anew.
        await stage.rest(1500)
        store_status(stage, {"phase": "Failed"})
        await stage.rest(1)
        assert stream.getvalue().count("canary.flagger.app/podinfo") == 2
    assert stage.cluster.server.storage.get(CANARIES, Key("test", "podinfo"))
