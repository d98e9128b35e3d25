"""Field by field beside Flagger 1.44: nothing is missing, nothing is asked that Flagger doesn't."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

FACTS = yaml.safe_load((Path(__file__).parent / "data" / "fields-1.44.yaml").read_text())
LIMITS = (
    "pattern",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "maxItems",
    "format",
    "exactlyOne",
    "atMostOne",
    "rule",
)
OF_THE_ROUTERS = ("spec.service.gatewayRefs", "spec.service.mirror", "spec.service.trafficPolicy")
"""Parts that are passed on: the router's own CRD checks names and choices there."""


def flat(schema, path=""):
    if is_ours(path):
        return
    if path:
        yield path, facts_of(schema)
    for name, child in schema.get("properties", {}).items():
        yield from flat(child, f"{path}.{name}" if path else name)
    if "items" in schema:
        yield from flat(schema["items"], f"{path}[]")
    if "additionalProperties" in schema:
        yield from flat(schema["additionalProperties"], f"{path}{{}}")


def facts_of(schema):
    """A node in the terms of the data file."""
    kept = {key: schema[key] for key in (*LIMITS, "enum", "required", "default") if key in schema}
    is_either = schema.get("x-kubernetes-int-or-string")
    facts = {"type": "int-or-string" if is_either else schema["type"], **kept}
    # anyOf accepts what oneOf does, and several at once (notifications 7.7).
    choice = schema.get("oneOf") or schema.get("anyOf", [])
    if choice and "not" in choice[0]:
        assert choice[0]["not"]["anyOf"] == choice[1:]
        facts["atMostOne"] = [branch["required"][0] for branch in choice[1:]]
    elif choice:
        sets = [it["required"] for it in choice if set(it["required"]) != OUR_CHOICE]
        single = all(len(names) == 1 for names in sets)
        facts["exactlyOne"] = [names[0] for names in sets] if single else sets
    if "x-kubernetes-validations" in schema:
        (rule,) = schema["x-kubernetes-validations"]
        facts["rule"] = rule["rule"]
    return facts


def theirs(kind):
    facts = FACTS[kind].items()
    return {path: {"type": it} if isinstance(it, str) else it for path, it in facts}


def is_ours(path):
    return path.startswith(("spec.engine", "spec.analysis.engine", "status.engine"))


OUR_CHOICE = {"interval", "threshold", "engine"}
"""An alternative of ours in a choice of Flagger's: it takes nothing away from the others."""


@pytest.fixture(params=list(FACTS))
def sides(schemas, request):
    """(Flagger's facts, ours), by path."""
    schema = schemas[request.param]
    assert "required" not in schema
    return theirs(request.param), dict(flat(schema))


def test_the_same_fields(sides):
    flagger, ours = sides
    assert sorted(ours) == sorted(flagger)


@pytest.mark.parametrize("keyword", ["type", "default"])
def test_the_same_types_and_defaults(sides, keyword):
    flagger, ours = sides
    assert {path: it[keyword] for path, it in ours.items() if keyword in it} == {
        path: it[keyword] for path, it in flagger.items() if keyword in it
    }


def test_the_same_words(sides):
    flagger, ours = sides
    assert {path: sorted(it["enum"]) for path, it in ours.items() if "enum" in it} == {
        path: sorted(it["enum"]) for path, it in flagger.items() if "enum" in it
    }


def test_the_same_fields_are_required(sides):
    def required(facts):
        """What every object must hold: named, or part of every choice."""
        sets = [names for names in facts.get("exactlyOne", ()) if isinstance(names, list)]
        chosen = set.intersection(*map(set, sets)) if sets else set()
        return chosen | set(facts.get("required", ()))

    flagger, ours = sides
    assert {path: required(it) for path, it in ours.items()} == {
        path: required(it) for path, it in flagger.items()
    }


def test_no_limit_that_flagger_does_not_set(sides):
    flagger, ours = sides
    for path, facts in ours.items():
        for keyword in LIMITS:
            if keyword in facts:
                assert facts[keyword] == flagger[path].get(keyword), f"{path}: {keyword}"


def test_limits_are_left_to_the_routers_only(sides):
    flagger, ours = sides
    for path, facts in flagger.items():
        if not path.startswith(OF_THE_ROUTERS):
            assert {k: v for k, v in facts.items() if k in LIMITS} == {
                k: v for k, v in ours[path].items() if k in LIMITS
            }, path


def test_the_facts_are_all_there():
    """The data file itself: as many fields as 1.44 has."""
    assert {kind: len(facts) for kind, facts in FACTS.items()} == {
        "Canary": 312,
        "MetricTemplate": 15,
        "AlertProvider": 11,
    }
