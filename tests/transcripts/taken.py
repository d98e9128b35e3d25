"""Our own recordings of Flagger 1.44, played on a stage."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from analysis.outcome import NoValues, Values
from analysis.outcome import Outcome as Answer
from canary.api.hooks import HookType
from canary.controller.settings import Settings
from canary.hooks import HookAnswer
from canary.kube.resources import CANARIES, DAEMON_SETS, DEPLOYMENTS, Resource
from canary.notify.receiver import Receiver
from canary.sandbox.pods import Behaviour
from canary.sandbox.storage import Change
from providers.interface import INGRESS_ANNOTATIONS
from tests.rig.receiver import Receivers
from tests.rig.stage import Stage, resource_of
from tests.transcripts import recorded, takes
from tests.transcripts.compared import Outcome
from tests.transcripts.timeline import Recorder

NAME = "app"
PASSES = 99.5
"""What was answered to queries that no script names."""


class _Hooks(Receivers):
    """Receivers that answer by the script of a recording; hooks are known by the end of their
    address."""

    def __init__(self, script: Mapping[str, list[int]]) -> None:
        super().__init__()
        self._script = {name: list(codes) for name, codes in script.items()}

    async def __call__(self, hook, payload, key) -> HookAnswer:
        codes = self._script.get(urlsplit(hook.url).path.rpartition("/")[2], [200])
        code = codes.pop(0) if len(codes) > 1 else codes[0]
        self.answers[hook.name] = code, f"POST {hook.url} giving up after 1 attempt(s)"
        return await super().__call__(hook, payload, key)


class _Chats:
    """Keeps what is posted to chats."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, Any]]] = []

    async def __call__(self, request, key) -> None:
        self.posts.append((urlsplit(request.url).path, dict(request.body)))


def _behaves(template: Mapping[str, Any]) -> Behaviour:
    never = template["spec"]["containers"][0]["image"].endswith("-nopull")
    return Behaviour(starts_in=None if never else 0.0)


def _settings(recording: Mapping[str, Any]) -> Settings:
    provider = next(o for o in recording["applied"] if o["kind"] == "Canary")["spec"]["provider"]
    here = (flag.replace("NAMESPACE", recording["scenario"]) for flag in recording["flags"])
    flags = dict(flag.lstrip("-").split("=", 1) for flag in here)
    prefixes = flags.pop("include-label-prefix", "")
    notifier = None
    if "msteams-url" in flags:
        notifier = Receiver("msteams", flags.pop("msteams-url"))
    elif "slack-url" in flags:
        notifier = Receiver("slack", flags.pop("slack-url"), flags.pop("slack-channel"))
    found = Settings(
        mesh_provider=provider,
        cluster_name=flags.pop("cluster-name", ""),
        event_webhook=flags.pop("event-webhook", ""),
        include_label_prefixes=tuple(prefixes.split(",")) if prefixes else (),
        ingress_annotations=flags.pop("ingress-annotations-prefix", INGRESS_ANNOTATIONS),
        notifier=notifier,
    )
    assert not flags, flags
    return found


async def play(name: str) -> Outcome:
    """What became of a recording, played to its end."""
    return await _Played(name).play()


def _entries(history: Iterable[Change]) -> Iterator[dict[str, Any]]:
    """The Canary's statuses as entries of a timeline, from the first that isn't ``Initializing``
    on."""
    for change in history:
        status = change.obj.get("status") or {} if change.resource == CANARIES else {}
        if status.get("phase", "Initializing") != "Initializing":
            rows = [[c[k] for k in ("type", "status", "reason")] for c in status["conditions"]]
            yield {"phase": status["phase"], "conditions": rows}


class _Played:
    """One recording on a stage of its own; made inside a virtual loop."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.recording = takes.load(name)
        self._metrics = copy.deepcopy(self.recording["answers"])
        self._hooks = _Hooks(self.recording["hooks"])
        self._chats = _Chats()
        self.stage = Stage(
            settings=_settings(self.recording),
            behaves=_behaves,
            receivers=self._hooks,
            chat=self._chats,
        )
        self.stage.prometheus.answers = self._answer

    def _calls(self, *, events: bool) -> list[tuple[str, int, dict[str, Any]]]:
        found = (c for c in self._hooks.calls if (c.type is HookType.EVENT) is events)
        return [(c.hook.removesuffix("-hook"), c.status, dict(c.payload)) for c in found]

    def _answer(self, query: str) -> Answer:
        for part, values in self._metrics.items():
            if part in query:
                value = values.pop(0) if len(values) > 1 else values[0]
                return NoValues() if value is None else Values((value,))
        return Values((PASSES,))

    async def play(self) -> Outcome:
        """Play it from the manifests to the end."""
        stage, recording = self.stage, self.recording
        try:
            await stage.up(namespaces=(self.name,))
            await stage.keda()
            await stage.apply(*recording["applied"])
            stage.start()
            await stage.until(lambda: self._holds({"phase": "Initialized"}))
            await stage.rest(8)
            initialized = self._objects()
            stage.prometheus.queries.clear()
            for step in recording["trigger"]:
                await stage.until(lambda step=step: self._holds(step.get("when") or {}))
                await stage.rest(step.get("after", 0.0))
                await self._change(step)
            await stage.until(lambda: self._holds(recording["ends"]))
            await stage.rest(recording["rest"])
            return self._outcome(initialized)
        finally:
            await stage.down()

    def _holds(self, wanted: Mapping[str, Any]) -> bool:
        canary = self.stage.get(CANARIES, NAME, self.name)
        status = (canary or {}).get("status") or {}
        gone = wanted.get("gone")
        rest = {key: value for key, value in wanted.items() if key != "gone"}
        return (gone is None or gone is (canary is None)) and rest.items() <= status.items()

    async def _change(self, step: Mapping[str, Any]) -> None:
        if step["op"] == "image":
            daemon = self.stage.get(DAEMON_SETS, NAME, self.name) is not None
            kind = DAEMON_SETS if daemon else DEPLOYMENTS
            await self.stage.set_image(step["image"], NAME, self.name, kind)
        elif step["op"] == "delete":
            uid = self.stage.get(CANARIES, NAME, self.name)["metadata"]["uid"]
            await self.stage.user.delete(CANARIES, self.name, NAME, uid=uid)
        else:
            kind = self._resource(step["kind"])
            await self.stage.patch(kind, step["name"], step["patch"], self.name)

    def _resource(self, kind: str) -> Resource:
        return resource_of({"apiVersion": recorded.api_version(kind), "kind": kind})

    def _outcome(self, initialized: dict[str, Any]) -> Outcome:
        recorder = Recorder(NAME, self.name, NAME)
        history = self.stage.history()
        recorder.take(history)
        rows = [(r.phase, r.weight, r.iterations, r.failed, r.split) for r in recorder.finish()]
        return Outcome(
            states=[row for row in rows if row[0] != "Initializing"],
            told=self.stage.events(self.name),
            queries=Counter(self.stage.prometheus.queries),
            calls=self._calls(events=False),
            heralds=self._calls(events=True),
            alerts=self._chats.posts,
            initialized=initialized,
            final=self._objects(),
            conditions=takes.conditions(_entries(history)),
        )

    def _objects(self) -> dict[str, Any]:
        """Every object of the kinds that were recorded."""
        kinds = {key.partition("/")[0] for key in self.recording["objectsInitialized"]}
        found = {}
        for kind in sorted(kinds):
            for key, obj in self.stage.cluster.server.storage.all(self._resource(kind)):
                if key.namespace == self.name:
                    found[f"{kind}/{key.name}"] = obj
        return found
