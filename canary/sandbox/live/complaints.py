"""What an API server complains of, by the fields that it names: one text for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_STRICT = re.compile(r'(unknown|duplicate) field "([^"]+)"')
_GO_TYPE = re.compile(r"cannot unmarshal (\w+) into Go struct field \w+\.(\S+) of type (\S+)")
_TYPED = re.compile(r"\.([a-z][^:\s]*): ([^\n]+)")
_QUOTED = re.compile(r'"((?:spec|metadata|data)(?:\.[\w\[\]]+)*)"')
_NO_FIELD = "<nil>"
_FOLLOWS = "some validation rules were not checked"


def complaints(status: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Field (empty: the whole object) and text of each complaint in a refusal's Status."""
    causes = (status.get("details") or {}).get("causes") or ()
    message = str(status.get("message", ""))
    if not causes:
        yield from _in_words(message)
    for cause in causes:
        if _FOLLOWS in cause["message"]:
            continue
        field = cause["field"]
        if field == _NO_FIELD:
            quoted = _QUOTED.search(cause["message"])
            field = quoted[1] if quoted else ""
        yield field, cause["message"]


def _in_words(message: str) -> Iterator[tuple[str, str]]:
    """A body that can't be decoded is refused in words only."""
    if strict := _STRICT.findall(message):
        for how, field in strict:
            yield field, f"{how} field"
    elif found := _GO_TYPE.search(message):
        yield found[2], f"is {found[1]}, but must be {found[3]}"
    elif found := _TYPED.search(message):
        yield found[1], found[2]
    else:
        yield "", message
