"""What can be wrong with a field, in the words of the API server."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class FieldError:
    """One complaint: path of the field, machine-readable reason, text without the path."""

    field: str
    reason: str
    body: str

    def __str__(self) -> str:
        return f"{self.field}: {self.body}"


def shown(value: Any) -> str:
    """A value as error texts quote it."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def invalid(field: str, value: Any, detail: str) -> FieldError:
    return FieldError(field, "FieldValueInvalid", f"Invalid value: {shown(value)}: {detail}")


def broken_rule(field: str, value: Any, detail: str) -> FieldError:
    """As ``invalid``, which a rule says of plain values only: it leaves lists and objects out."""
    if isinstance(value, (list, dict)):
        return FieldError(field, "FieldValueInvalid", f"Invalid value: {detail}")
    return invalid(field, value, detail)


def wrong_type(field: str, value: Any, detail: str) -> FieldError:
    return FieldError(field, "FieldValueTypeInvalid", f"Invalid value: {shown(value)}: {detail}")


def required(field: str, detail: str = "") -> FieldError:
    tail = f": {detail}" if detail else ""
    return FieldError(field, "FieldValueRequired", f"Required value{tail}")


def forbidden(field: str, detail: str) -> FieldError:
    return FieldError(field, "FieldValueForbidden", f"Forbidden: {detail}")


def unsupported(field: str, value: Any, accepted: Iterable[Any]) -> FieldError:
    values = ", ".join(shown(one) for one in accepted)
    text = f"Unsupported value: {shown(value)}: supported values: {values}"
    return FieldError(field, "FieldValueNotSupported", text)


def too_long(field: str, limit: int) -> FieldError:
    text = f"Too long: may not be more than {limit} bytes"
    return FieldError(field, "FieldValueTooLong", text)


def too_many(field: str, count: int, limit: int) -> FieldError:
    text = f"Too many: {count}: must have at most {limit} items"
    return FieldError(field, "FieldValueTooMany", text)


def immutable(field: str, value: Any) -> FieldError:
    return invalid(field, value, "field is immutable")


def joined(errors: Sequence[FieldError]) -> str:
    """Several complaints as one text: repeated ones once."""
    texts = list(dict.fromkeys(str(error) for error in errors))
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
