"""Refusals: what an API server answers instead of an object, as a Status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from canary.kube.resources import Resource
from canary.sandbox.fielderror import FieldError, joined

OPTIMISTIC_LOCK = (
    "the object has been modified; please apply your changes to the latest version and try again"
)
EXPIRED_PAGE = (
    "The provided continue parameter is too old to display a consistent list result. "
    "You must start a new list without the continue parameter."
)


class Refused(Exception):
    """A refusal with its HTTP code, reason, message and details."""

    def __init__(
        self, code: int, reason: str, message: str, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.text = ""
        """Sent as it is in place of a Status, if not empty."""

    def status(self) -> dict[str, Any]:
        """The Status object."""
        body: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            body["reason"] = self.reason
        if self.details:
            body["details"] = self.details
        body["code"] = self.code
        return body

    def body(self) -> bytes:
        """The Status object, encoded, or the text in place of one."""
        return self.text.encode() or orjson.dumps(self.status())


def _of(group: str, kind: str, name: str = "") -> dict[str, Any]:
    parts = {"name": name, "group": group, "kind": kind}
    return {key: value for key, value in parts.items() if value}


def not_found(resource: Resource, name: str) -> Refused:
    details = _of(resource.group, resource.plural, name)
    return Refused(404, "NotFound", f'{resource} "{name}" not found', details)


def no_such_path() -> Refused:
    """The path isn't served: no such group, version or resource."""
    return Refused(404, "NotFound", "the server could not find the requested resource")


def no_such_group() -> Refused:
    """Nobody answers for the path's group and version, so that it isn't even a Status."""
    refused = no_such_path()
    refused.text = "404 page not found\n"
    return refused


def already_exists(resource: Resource, name: str) -> Refused:
    details = _of(resource.group, resource.plural, name)
    return Refused(409, "AlreadyExists", f'{resource} "{name}" already exists', details)


def conflict(resource: Resource, name: str, why: str = OPTIMISTIC_LOCK) -> Refused:
    message = f'Operation cannot be fulfilled on {resource} "{name}": {why}'
    return Refused(409, "Conflict", message, _of(resource.group, resource.plural, name))


def uid_conflict(resource: Resource, key: str, name: str, given: str, actual: str) -> Refused:
    """An update whose uid is not the stored object's."""
    why = (
        f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, "
        f"AdditionalErrorMsg: Precondition failed: UID in precondition: {given}, "
        f"UID in object meta: {actual}"
    )
    return conflict(resource, name, why)


def delete_conflict(resource: Resource, name: str, why: str) -> Refused:
    """A deletion whose precondition failed; it names the kind instead of the resource."""
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    message = f'Operation cannot be fulfilled on {kind} "{name}": {why}'
    return Refused(409, "Conflict", message, _of(resource.group, resource.kind, name))


def invalid_object(group: str, kind: str, name: str, errors: Sequence[FieldError]) -> Refused:
    qualified = f"{kind}.{group}" if group else kind
    details = _of(group, kind, name)
    details["causes"] = [
        {"reason": error.reason, "message": error.body, "field": error.field} for error in errors
    ]
    return Refused(422, "Invalid", f'{qualified} "{name}" is invalid: {joined(errors)}', details)


def bad_request(message: str) -> Refused:
    return Refused(400, "BadRequest", message)


def unprocessable() -> Refused:
    """A JSON Patch that doesn't apply; the server doesn't say which operation failed."""
    return Refused(422, "Invalid", "the server rejected our request due to an error in our request")


def expired(message: str) -> Refused:
    return Refused(410, "Expired", message)


def forbidden(resource: Resource, name: str, why: str, **details: Any) -> Refused:
    subject = f'{resource} "{name}"' if name else str(resource)
    about = _of(resource.group, resource.plural, name) | details
    return Refused(403, "Forbidden", f"{subject} is forbidden: {why}", about)


def terminating(resource: Resource, name: str, namespace: str) -> Refused:
    """New content of a namespace that is being deleted."""
    text = f"unable to create new content in namespace {namespace} because it is being terminated"
    cause = {
        "reason": "NamespaceTerminating",
        "message": f"namespace {namespace} is being terminated",
        "field": "metadata.namespace",
    }
    return forbidden(resource, name, text, causes=[cause])


def method_not_allowed() -> Refused:
    text = "the server does not allow this method on the requested resource"
    return Refused(405, "MethodNotAllowed", text)


def not_acceptable(accepted: Sequence[str]) -> Refused:
    text = f"406: Not Acceptable\n\nAvailable representations: {', '.join(accepted)}"
    return Refused(406, "NotAcceptable", text)


def unsupported_media_type(accepted: Sequence[str]) -> Refused:
    text = (
        "the body of the request was in an unknown format - "
        f"accepted media types include: {', '.join(accepted)}"
    )
    return Refused(415, "UnsupportedMediaType", text)


def not_implemented(what: str) -> Refused:
    """Something that a real API server has and the sandbox hasn't."""
    return Refused(501, "NotImplemented", f"the sandbox does not support {what}")
