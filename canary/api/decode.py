"""Objects of the API become models, or a list of the fields that can't be read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from canary.api.complaints import complaint

_LONGEST_VALUE = 80


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field that can't be read: where, what it holds (None: nothing), what is accepted."""

    path: str
    value: object
    message: str

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.path} {self.message}"
        shown = json.dumps(self.value, ensure_ascii=False)
        if len(shown) > _LONGEST_VALUE:
            shown = shown[: _LONGEST_VALUE - 3] + "..."
        return f"{self.path}: {shown} {self.message}"


class InvalidObject(ValueError):
    """An object that can't be decoded; names every field at fault."""

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


M = TypeVar("M", bound=BaseModel)


def decode(model: type[M], obj: Mapping[str, Any], int32: Sequence[str] = ()) -> M:
    """``obj`` as ``model``; ``int32`` are the paths of numbers that must fit into 32 bits.

    Types are taken strictly, as Go takes them: text is no number and a number is no truth value.
    Raises InvalidObject.
    """
    plain = _plain(obj)
    # Only JSON input lets pydantic be strict about types and still build models from objects.
    try:
        found = model.model_validate_json(json.dumps(plain), strict=True)
    except ValidationError as error:
        raise InvalidObject(_problems(error, plain)) from error
    wide = tuple(_too_wide(plain, int32))
    if wide:
        raise InvalidObject(wide)
    return found


def _plain(value: Any) -> Any:
    """As Go reads it: null is absent, 10.0 is 10, and what exceeds 64 bits is no integer."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return int(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return float(value)
    return value


def _too_wide(obj: Any, paths: Sequence[str]) -> Iterator[FieldProblem]:
    for path in paths:
        value: Any = obj
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if isinstance(value, int) and not -(2**31) <= value < 2**31:
            yield FieldProblem(path, value, "must be a whole number of at most 32 bits")


def _problems(error: ValidationError, obj: Any) -> tuple[FieldProblem, ...]:
    """One problem a field; a field of several types has a finding for each of them."""
    grouped: dict[str, list[ErrorDetails]] = {}
    for finding in error.errors(include_url=False):
        path = _path(finding, obj)
        grouped.setdefault(path, []).append(finding)
    return tuple(
        FieldProblem(
            path,
            None if findings[0]["type"] == "missing" else findings[0]["input"],
            " or ".join(dict.fromkeys(complaint(finding) for finding in findings)),
        )
        for path, findings in grouped.items()
    )


def _path(finding: ErrorDetails, obj: Any) -> str:
    """The place as one would write it: ``spec.analysis.stepWeights[1]``.

    pydantic appends the type that it tried where a field has several: what isn't in the object is
    no part of the path, save for the name of a missing field.
    """
    path = ""
    at = obj
    for index, part in enumerate(finding["loc"]):
        last = index == len(finding["loc"]) - 1
        here = _within(at, part)
        if not here and not (last and finding["type"] == "missing"):
            break
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
        at = at[part] if here else None
    return path or "the object"


def _within(at: Any, part: int | str) -> bool:
    if isinstance(at, dict):
        return part in at
    return isinstance(at, list) and isinstance(part, int) and part < len(at)
