"""Canaries as models: parsed once for each version of their spec."""

from __future__ import annotations

from canary.api.canary import InvalidObject, parse
from canary.controller.memory import Memory, Parsed
from canary.kube.resources import Obj


def parsed(obj: Obj, memory: Memory) -> Parsed:
    """The model of ``obj``; from memory while its generation is the same."""
    meta = obj["metadata"]
    version = (str(meta["uid"]), int(meta.get("generation", 0)))
    if memory.parsed is None or memory.parsed[0] != version:
        memory.parsed = (version, _parse(obj, memory))
    return memory.parsed[1]


def _parse(obj: Obj, memory: Memory) -> Parsed:
    try:
        return Parsed(parse(obj), obj["spec"])
    except InvalidObject as error:
        before = memory.parsed[1] if memory.parsed else Parsed(None, {})
        return Parsed(before.canary, before.spec, f"invalid canary spec: {error}")
