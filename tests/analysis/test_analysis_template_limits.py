"""Templates are a tenant's: whatever they hold, the answer is a text or a TemplateError."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.template import TemplateError, render
from analysis.template.evaluator import LONGEST, MOST_STEPS
from analysis.template.stream import DEEPEST

FUNCTIONS = {"name": "podinfo", "variables": {"foo": "bar"}, "long": "x" * LONGEST}

WORDS = r"""
{{ }} {{- -}} /* */ name variables .foo . $ $x nil true false 0 -1 2 1.5 "a" "foo" `r` 'c' ( )
| := = , : eq ne lt le gt ge and or not print printf println index len slice html js urlquery call
if else end with range break define template "%v" "%d" "%-08.3f" "%*d" @ é " ' ` \
"""
PIECES = st.sampled_from(WORDS.split())


def joined(pieces, spaces):
    return "".join(piece + space for piece, space in zip(pieces, spaces, strict=False))


TEMPLATES = st.builds(
    joined, st.lists(PIECES, max_size=25), st.lists(st.sampled_from(["", " ", "\n"]), min_size=25)
)
ACTIONS = st.lists(st.lists(PIECES, max_size=8).map(" ".join), max_size=4).map(
    lambda bodies: "".join(f"{{{{ {body} }}}}x" for body in bodies)
)


@given(st.one_of(TEMPLATES, ACTIONS, st.text()))
def test_nothing_but_a_template_error_is_raised(template):
    try:
        assert isinstance(render(template, FUNCTIONS), str)
    except TemplateError as error:
        known = ("template parsing failed: template: tmpl:", "template excution failed: ")
        assert str(error).startswith(known)  # noqa: PT017


@given(st.text().filter(lambda text: "{{" not in text))
def test_text_without_actions_is_kept(text):
    assert render(text, FUNCTIONS) == text


def nested(opening, body, closing, levels):
    return opening * levels + body + closing * levels


@pytest.mark.parametrize(
    ("opening", "body", "closing"),
    [
        ("{{ if true }}", "x", "{{ end }}"),
        ("{{ with name }}", "x", "{{ end }}"),
        ("{{ range 1 }}", "x", "{{ end }}"),
        ("{{ if true }}", "", "{{ else if true }}x{{ end }}"),
    ],
)
def test_blocks_too_deep_are_refused(opening, body, closing):
    for levels in (DEEPEST + 1, 5000):
        with pytest.raises(TemplateError, match="nested deeper"):
            render(nested(opening, body, closing, levels), FUNCTIONS)


def test_blocks_up_to_the_limit_work():
    assert render(nested("{{ if true }}", "x", "{{ end }}", DEEPEST), FUNCTIONS) == "x"


@pytest.mark.parametrize("levels", [DEEPEST + 1, 5000])
def test_parentheses_too_deep_are_refused(levels):
    with pytest.raises(TemplateError, match="nested deeper"):
        render("{{ " + nested("(", "name", ")", levels) + " }}", FUNCTIONS)


def test_many_alternatives_are_refused_rather_than_overflowing_the_stack():
    text = "{{ if false }}" + "{{ else if false }}" * 5000 + "{{ end }}"
    with pytest.raises(TemplateError, match="nested deeper"):
        render(text, FUNCTIONS)


@pytest.mark.parametrize(
    "template",
    [
        "{{ range 9223372036854775807 }}{{ end }}",
        "{{ range 1000 }}{{ range 1000 }}{{ end }}{{ end }}",
        "{{ range 1000 }}{{ range 1000 }}{{ len name }}{{ end }}{{ end }}",
    ],
)
def test_long_loops_end(template):
    with pytest.raises(TemplateError, match=f"more than {MOST_STEPS} steps"):
        render(template, FUNCTIONS)


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("{{ range 20 }}{{ long }}{{ end }}", "the output is longer"),
        ("{{ long }}x", "the output is longer"),
        ("{{ $x := print long long }}", "more than"),
        ("{{ $x := name }}{{ range 60 }}{{ $x = print $x $x }}{{ end }}", "more than"),
        ('{{ $x := printf "%s%s" long long }}', "more than"),
        ('{{ $x := html "<" }}{{ range 60 }}{{ $x = html $x $x }}{{ end }}', "more than"),
    ],
)
def test_long_values_are_refused(template, complaint):
    with pytest.raises(TemplateError, match=complaint):
        render(template, FUNCTIONS)


def test_output_up_to_the_limit_works():
    assert render("{{ long }}", FUNCTIONS) == "x" * LONGEST


@pytest.mark.parametrize("verb", ["%9999d", "%.9999f", "%99999999999999999999d"])
def test_wide_verbs_are_refused(verb):
    with pytest.raises(TemplateError, match="wider than"):
        render(f'{{{{ printf "{verb}" 1 }}}}', FUNCTIONS)


def test_columns_count_bytes_and_lines_count_from_one():
    # Go 1.26 says tmpl:2:6 here: é has two bytes.
    with pytest.raises(TemplateError, match='tmpl:2:6: executing "tmpl" at <variables>'):
        render("a\né {{ variables.x }}", FUNCTIONS)
