"""From the bytes of a request to the object that it means."""

from __future__ import annotations

from typing import Any

import orjson
import yaml

from canary.kube.transport import (
    APPLY_PATCH,
    JSON,
    JSON_PATCH,
    MERGE_PATCH,
    STRATEGIC_PATCH,
    Request,
)
from canary.sandbox import builtin
from canary.sandbox.applied import check_declared
from canary.sandbox.decoding import Decoder, WrongType
from canary.sandbox.fielderror import forbidden, invalid, required, unsupported
from canary.sandbox.jsonpatch import json_patch, merge_patch, operations
from canary.sandbox.jsonvalue import JsonObj, thaw
from canary.sandbox.kind import Kind
from canary.sandbox.protobuf import PROTOBUF, Malformed, decoded
from canary.sandbox.refusal import Refused, bad_request, invalid_object, unsupported_media_type
from canary.sandbox.shapes import Shape
from canary.sandbox.strategic import strategic_patch

_VALIDATIONS = ("", "Ignore", "Strict", "Warn")


class Body:
    """Decodes for one request; ``warnings`` are what its answer tells the client."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.warnings: list[str] = []
        validation = request.query.get("fieldValidation", "")
        if validation not in _VALIDATIONS:
            options = {"POST": "Create", "PUT": "Update"}.get(request.method, "Patch")
            error = unsupported("fieldValidation", validation, _VALIDATIONS)
            raise invalid_object("meta.k8s.io", f"{options}Options", "", [error])
        self._strict = validation == "Strict"
        self._silent = validation == "Ignore"

    def plain(self, type_name: str = "") -> JsonObj:
        """An object as it stands; ``type_name`` is what it is, if it may come as protobuf."""
        if self._request.content_type == PROTOBUF and type_name in builtin.messages():
            try:
                return decoded(self._request.body or b"", type_name)
            except Malformed as error:
                raise bad_request(f"the protobuf can't be decoded: {error}") from error
        if self._request.content_type != JSON:
            raise unsupported_media_type((JSON, PROTOBUF) if type_name else (JSON,))
        try:
            body = orjson.loads(self._request.body or b"")
        except orjson.JSONDecodeError as error:
            raise bad_request(f"couldn't get version/kind; json parse error: {error}") from error
        if not isinstance(body, dict):
            raise bad_request("couldn't get version/kind; json parse error: not an object")
        return body

    def object(self, kind: Kind, name: str, type_name: str = "") -> JsonObj:
        """An object of ``kind`` (or of another type, of a subresource); ``name`` is the URL's."""
        built_in = "" if kind.custom else builtin.type_name(kind.resource)
        body = self.plain(type_name or built_in)
        if not type_name:
            self._check_kind(kind, body)
        given = _name(body)
        if name and given and given != name:
            text = f"the name of the object ({given}) does not match the name on the URL ({name})"
            raise bad_request(text)
        if name and not given:
            text = f"the name of the object ({name} based on URL) was undeterminable"
            raise bad_request(f"{text}: name must be provided")
        decoder = Decoder()
        what = kind.resource.kind if not type_name else type_name.rpartition(".")[2]
        prefix = f'{what} in version "{kind.resource.version}" cannot be handled as a {what}'
        try:
            obj = self._decoded(decoder, kind, body, type_name)
        except WrongType as error:
            raise bad_request(f"{prefix}: {error}") from error
        if problem := self._unknown(decoder):
            raise bad_request(f"{prefix}: {problem}")
        return obj

    def patched(self, kind: Kind, live: JsonObj, shape: Shape, type_name: str = "") -> JsonObj:
        """What a patch makes of ``live``."""
        accepted = [JSON_PATCH, MERGE_PATCH, APPLY_PATCH]
        if not kind.custom:
            accepted.insert(2, STRATEGIC_PATCH)
        if self._request.content_type not in (*accepted, STRATEGIC_PATCH):
            raise Refused(415, "UnsupportedMediaType", "415: Unsupported Media Type")
        if self._request.content_type not in accepted:
            raise unsupported_media_type(accepted)
        if self._request.query.get("force"):
            error = forbidden("force", "may not be specified for non-apply patch")
            raise invalid_object("meta.k8s.io", "PatchOptions", "", [error])
        new = self._merged(live, shape)
        decoder = Decoder()
        try:
            obj = self._decoded(decoder, kind, new, type_name)
        except WrongType as wrong:
            raise _bad_patch(new, str(wrong)) from wrong
        if problem := self._unknown(decoder):
            raise _bad_patch(new, problem)
        return obj

    def applied(self, kind: Kind, name: str) -> JsonObj:
        """The configuration of a server-side apply."""
        if not self._request.query.get("fieldManager"):
            error = required("fieldManager", "is required for apply patch")
            raise invalid_object("meta.k8s.io", "PatchOptions", "", [error])
        body = _configuration(self._request.body or b"")
        if not isinstance(body, dict):
            raise bad_request("error decoding YAML: not an object")
        given = str(body.get("apiVersion") or "/"), body.get("kind") or ""
        if given != (kind.resource.api_version, kind.resource.kind):
            raise bad_request(f"invalid object type: {given[0]}, Kind={given[1]}")
        called = _name(body) or name
        if called != name:
            text = f"the name of the object ({called}) does not match the name on the URL ({name})"
            raise bad_request(text)
        check_declared(kind, body)
        body["metadata"] = {**(body.get("metadata") or {}), "name": name}
        return body

    def _merged(self, live: JsonObj, shape: Shape) -> JsonObj:
        try:
            patch = orjson.loads(self._request.body or b"")
        except orjson.JSONDecodeError as error:
            raise bad_request(f"error decoding patch: {error}") from error
        merged: Any
        if self._request.content_type == JSON_PATCH:
            merged = json_patch(thaw(live), operations(patch))
        elif self._request.content_type == MERGE_PATCH:
            merged = merge_patch(thaw(live), patch)
        else:
            merged = strategic_patch(live, patch, shape)
        if not isinstance(merged, dict):
            raise bad_request("the patched object is no object")
        return merged

    def _check_kind(self, kind: Kind, body: JsonObj) -> None:
        """Typed servers know an object by its URL; others need it to say what it is."""
        version, name = kind.resource.api_version, kind.resource.kind
        if kind.custom:
            if "kind" not in body:
                text = f"the object provided is unrecognized (must be of type {name})"
                raise bad_request(f"{text}: Object 'Kind' is missing")
            if body["kind"] != name:
                error = invalid("kind", body["kind"], f"must be {name}")
                called = _name(body)
                raise invalid_object(kind.resource.group, str(body["kind"]), called, [error])
        given = body.get("apiVersion", version), body.get("kind", name)
        if given != (version, name):
            short = given[0].rpartition("/")[2]
            raise bad_request(
                f'{given[1]} in version "{short}" cannot be handled as a {name}: '
                f'no kind "{given[1]}" is registered for version "{given[0]}"'
            )

    def _decoded(self, decoder: Decoder, kind: Kind, body: JsonObj, type_name: str) -> JsonObj:
        if kind.schema is not None and not type_name:
            return decoder.custom(body, kind.schema)
        return decoder.typed(body, type_name or builtin.type_name(kind.resource))

    def _unknown(self, decoder: Decoder) -> str:
        """What to refuse unknown fields with, if the client wants that."""
        texts = [f'unknown field "{path}"' for path in decoder.unknown]
        if texts and self._strict:
            return f"strict decoding error: {', '.join(texts)}"
        if not self._silent:
            self.warnings += texts
        return ""


def _configuration(raw: bytes) -> Any:
    """YAML, which mostly is JSON: that is read much faster."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        pass
    try:
        return yaml.safe_load(raw)
    except yaml.YAMLError as error:
        raise bad_request(f"error decoding YAML: {error}") from error


def _name(body: JsonObj) -> str:
    """The name in an object, whatever is in place of its metadata."""
    meta = body.get("metadata")
    return str(meta.get("name") or "") if isinstance(meta, dict) else ""


def _bad_patch(new: JsonObj, problem: str) -> Refused:
    error = invalid("patch", orjson.dumps(new).decode(), problem)
    return invalid_object("", "", "", [error])
