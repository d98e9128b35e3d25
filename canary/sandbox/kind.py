"""What is particular to one kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from canary.kube.resources import Resource
from canary.sandbox import builtin, checks, defaults
from canary.sandbox.fielderror import FieldError
from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.schema import Schema, defaulted, pruned
from canary.sandbox.shapes import Shape
from canary.sandbox.validation import violations


@dataclass(frozen=True)
class Kind:
    """One kind: its shape for merging, its subresources, its defaults and rules."""

    resource: Resource
    shape: Shape
    row: Mapping[str, Any]
    """Its row of discovery."""
    namespaced: bool = True
    status: bool = False
    scale: bool = False
    counted: bool = False
    """Has ``metadata.generation``, which counts changes of anything but metadata and status."""
    fill: defaults.Fill = defaults.nothing
    first_status: Mapping[str, Any] | None = None
    """The status of a new object; None: what the request says, or nothing if it is apart."""
    check: checks.Check = checks.fine
    fields: tuple[str, ...] = ()
    """What field selectors may name beside name and namespace."""
    schema: Schema | None = None
    """Set for custom resources only."""
    columns: tuple[Mapping[str, Any], ...] = ()
    """Printer columns of custom resources."""

    @property
    def custom(self) -> bool:
        return self.schema is not None

    @property
    def zero(self) -> Mapping[str, Any]:
        """What an object has before anything is set."""
        return {} if self.custom else builtin.zero(builtin.type_name(self.resource))

    def complete(self, obj: JsonObj) -> JsonObj:
        """``obj``, which may be changed, with defaults, and without what a schema prunes."""
        if self.schema is not None:
            kept: JsonObj = pruned(defaulted(obj, self.schema), self.schema, top=True)
            return kept
        self.fill(obj)
        return obj

    def errors(self, obj: JsonObj, before: JsonObj | None) -> list[FieldError]:
        """All complaints about ``obj``."""
        if self.schema is not None:
            return violations(obj, self.schema)
        return list(self.check(obj, before))
