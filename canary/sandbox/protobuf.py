"""Kubernetes' protobuf, in which kubectl sends some objects: decoded to what JSON would have said.

Numbers and types of the fields come from ``data/kubernetes.json``. The wire doesn't tell a value
that was left out from an empty one that is always written: empty ones are left out, as in JSON,
but for those to which 0 means something.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from canary.sandbox import builtin
from canary.sandbox.jsonvalue import JsonObj

PROTOBUF = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"
_META = "io.k8s.apimachinery.pkg.apis.meta.v1"
_TIME, _MICRO_TIME = f"{_META}.Time", f"{_META}.MicroTime"
_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
_RAW = ("io.k8s.apimachinery.pkg.runtime.RawExtension", f"{_META}.FieldsV1")
_ZERO_COUNTS = frozenset(
    (
        "replicas",
        "revisionHistoryLimit",
        "progressDeadlineSeconds",
        "terminationGracePeriodSeconds",
    )
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Malformed(Exception):
    """Bytes that are no object in Kubernetes' protobuf."""


def decoded(body: bytes, name: str) -> JsonObj:
    """An object of the type ``name``, with its kind; raises Malformed."""
    if not body.startswith(_MAGIC):
        raise Malformed("the prefix is missing")
    try:
        envelope = dict(_fields(body[len(_MAGIC) :]))
        kind = dict(_fields(envelope.get(1, b"")))
        found = _message(envelope.get(2, b""), name)
    except (IndexError, UnicodeDecodeError, struct.error, orjson.JSONDecodeError) as error:
        raise Malformed(str(error)) from error
    stated = {"apiVersion": kind.get(1, b"").decode(), "kind": kind.get(2, b"").decode()}
    return {**{key: value for key, value in stated.items() if value}, **found}


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Numbers and raw values: bytes of what has a length, else a number."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield tag >> 3, value
        elif kind == 2:
            size, at = _varint(data, at)
            if at + size > len(data):
                raise Malformed("a value is cut off")
            yield tag >> 3, data[at : at + size]
            at += size
        elif kind == 1:
            yield tag >> 3, struct.unpack_from("<d", data, at)[0]
            at += 8
        else:
            raise Malformed(f"wire type {kind}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _message(data: bytes, name: str) -> JsonObj:
    rows: Mapping[str, Any] = builtin.messages()[name]
    properties = builtin.types().get(name, {}).get("properties") or {}
    out: JsonObj = {}
    for number, raw in _fields(data):
        row = rows.get(str(number))
        if row is None:
            raise Malformed(f"field {number} of {name}")
        key, kind, label = row
        if label == "map":
            pair = dict(_fields(raw))
            member = pair.get(1, b"").decode()
            out.setdefault(key, {})[member] = _value(pair.get(2, b""), kind)
        elif label == "many":
            out.setdefault(key, []).append(_value(raw, kind))
        elif properties and key not in properties and kind in builtin.messages():
            # Inlined in Go, and so in JSON.
            out |= _message(raw, kind)
        else:
            value = _value(raw, kind)
            if value is not None and (value or value == {} or _counts(key, value)):
                out[key] = value
    return out


def _counts(key: str, value: Any) -> bool:
    return value == 0 and not isinstance(value, (bool, str)) and key in _ZERO_COUNTS


def _value(raw: Any, kind: str) -> Any:
    if kind == "string":
        return raw.decode()
    if kind == "bytes":
        return base64.b64encode(raw).decode()
    if kind == "bool":
        return bool(raw)
    if kind in ("int32", "int64"):
        return raw - (1 << 64) if raw >= 1 << 63 else raw
    if kind == "double":
        return raw
    return _special(raw, kind) if kind in _SPECIAL else _message(raw, kind)


def _special(raw: bytes, kind: str) -> Any:
    fields = dict(_fields(raw))
    if kind == _QUANTITY:
        return fields.get(1, b"").decode()
    if kind == _INT_OR_STRING:
        return fields.get(3, b"").decode() if fields.get(1) else _value(fields.get(2, 0), "int32")
    if kind in _RAW:
        return orjson.loads(fields[1]) if fields.get(1) else None
    if not fields:
        return None
    moment = _EPOCH + timedelta(seconds=fields.get(1, 0), microseconds=fields.get(2, 0) // 1000)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ" if kind == _MICRO_TIME else "%Y-%m-%dT%H:%M:%SZ")


_SPECIAL = frozenset((_QUANTITY, _INT_OR_STRING, _TIME, _MICRO_TIME, *_RAW))
