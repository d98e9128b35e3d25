"""The leaf fields of a resource's spec, read off its model."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo


@dataclass(frozen=True)
class Leaf:
    """A field with nothing below it that the API knows.

    ``path`` has ``[]`` behind a list and ``{}`` behind a map of objects. ``default`` is as one
    writes it, ``required`` or empty.
    """

    path: str
    description: str
    default: str


def leaves(model: type[BaseModel], path: str) -> Iterator[Leaf]:
    """Every leaf of ``model``, which lies at ``path``, in the order of its fields."""
    for name, info in model.model_fields.items():
        below = f"{path}.{info.alias or name}"
        inner, suffix = _inner(info.annotation)
        if inner is None:
            yield Leaf(below, info.description or "", _default(info))
        else:
            yield from leaves(inner, below + suffix)


def _inner(annotation: Any) -> tuple[type[BaseModel] | None, str]:
    """The model that a field holds, and how its path goes on; None for a leaf."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, ""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _inner(parts[0])
    if origin in (Union, types.UnionType):
        found = [_inner(part) for part in parts]
        return next((one for one in found if one[0] is not None), (None, ""))
    if origin in (list, dict):
        inner, suffix = _inner(parts[-1])
        return inner, ("[]" if origin is list else "{}") + suffix
    return None, ""


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    if info.default is None:
        return ""
    return str(info.default).lower() if isinstance(info.default, bool) else str(info.default)
