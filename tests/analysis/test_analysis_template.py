"""The template language against Go's own, and the table of analysis.md 7."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from analysis.template import TemplateError, render

DATA = Path(__file__).parent / "data"
TABLE = yaml.safe_load((DATA / "templates.yaml").read_text("utf-8"))
PRINTF = yaml.safe_load((DATA / "printf.yaml").read_text("utf-8"))
# As the head of the data files says.
FUNCTIONS = {
    "name": "podinfo",
    "namespace": "test",
    "target": "web",
    "service": "svc",
    "ingress": "ing",
    "route": "rt",
    "interval": "1m",
    "variables": {"foo": "bar", "n": "7", "empty": "", "uml": "äé"},
    "none": {},
}


def error(template):
    with pytest.raises(TemplateError) as caught:
        render(template, FUNCTIONS)
    return str(caught.value)


# analysis.md 7, the table
@pytest.mark.parametrize(
    ("template", "variables", "output"),
    [
        ("{{ variables.foo }}", {"foo": "set"}, "set"),
        ('{{ index variables "foo" }}', {}, ""),
        ('{{ "{{" }}', {}, "{{"),
        ("{a,b} {{name}}", {}, "{a,b} podinfo"),
        ("{{ $x := name }}{{ $x }}", {}, "podinfo"),
        ("{{ interval }}", {}, ""),
    ],
)
def test_the_spec_renders(template, variables, output):
    functions = {"name": "podinfo", "interval": "", "variables": variables}
    assert render(template, functions) == output


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (
            "{{ variables.foo }}",
            'template excution failed: template: tmpl:1:3: executing "tmpl" at <variables>: '
            'map has no entry for key "foo"',
        ),
        ("{{ foo }}", 'template parsing failed: template: tmpl:1: function "foo" not defined'),
        ("{{ name", "template parsing failed: template: tmpl:1: unclosed action"),
        (
            "{{ .Name }}",
            'template excution failed: template: tmpl:1:3: executing "tmpl" at <.Name>: '
            'nil data; no entry for key "Name"',
        ),
        (
            "{{ name.x }}",
            'template excution failed: template: tmpl:1:3: executing "tmpl" at <name>: '
            "can't evaluate field x in type string",
        ),
    ],
)
def test_the_spec_refuses(template, text):
    with pytest.raises(TemplateError) as caught:
        render(template, {"name": "podinfo", "variables": {}})
    assert str(caught.value) == text


@pytest.mark.parametrize(("template", "output"), TABLE["rendered"] + PRINTF["rendered"])
def test_go_renders(template, output):
    assert render(template, FUNCTIONS) == output


@pytest.mark.parametrize(("template", "text"), TABLE["failed"])
def test_go_refuses(template, text):
    assert error(template) == text


@pytest.mark.parametrize("template", [row[0] for row in TABLE["refused"]])
def test_go_refuses_in_words_of_its_own(template):
    # analysis.md 7: the prefixes are the stable part.
    assert error(template).startswith(("template parsing failed: ", "template excution failed: "))


@pytest.mark.parametrize("template", [row[0] for row in TABLE["unsupported"]])
def test_what_is_not_supported_is_refused_rather_than_rendered_otherwise(template):
    assert error(template).startswith(("template parsing failed: ", "template excution failed: "))


def test_values_are_not_templates():
    assert render("{{ name }}", {"name": "{{ namespace }}"}) == "{{ namespace }}"


def test_an_own_function_is_preferred_to_a_stock_one():
    # Go: a template's functions override the predefined ones.
    assert render("{{ len }}", {"len": "mine"}) == "mine"
