"""The query template language: a subset of Go's text/template, without data and HTML."""

from analysis.template.errors import TemplateError
from analysis.template.nodes import Value
from analysis.template.rendering import render

__all__ = ["TemplateError", "Value", "render"]
