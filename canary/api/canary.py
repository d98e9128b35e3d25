"""The three resources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import Field, ValidationError

from analysis.models import MetricTemplateSpec, SecretRef
from canary.api.base import Metadata, Model
from canary.api.spec import CanarySpec

Phase = Literal[
    "",
    "Initializing",
    "Initialized",
    "Waiting",
    "Progressing",
    "WaitingPromotion",
    "Promoting",
    "Finalising",
    "Succeeded",
    "Failed",
    "Terminating",
    "Terminated",
]


class Condition(Model):
    """A condition; Flagger writes exactly one, of type ``Promoted``."""

    type: str
    status: str
    reason: str
    message: str | None = None
    last_update_time: str | None = None
    last_transition_time: str | None = None


class CanaryStatus(Model):
    """``Canary.status``. ``engine`` is the engine's record, opaque here."""

    phase: Phase | None = None
    failed_checks: int | None = None
    canary_weight: int | None = None
    iterations: int | None = None
    session_affinity_cookie: str | None = None
    primary_session_affinity_cookie: str | None = None
    previous_session_affinity_cookie: str | None = None
    tracked_configs: dict[str, str] | None = None
    last_applied_spec: str | None = None
    last_promoted_spec: str | None = None
    last_transition_time: str | None = Field(
        default=None, json_schema_extra={"format": "date-time"}
    )
    conditions: list[Condition] | None = None
    engine: dict[str, Any] | None = Field(
        default=None,
        json_schema_extra={"x-kubernetes-preserve-unknown-fields": True},
    )


class Canary(Model):
    """A Canary."""

    metadata: Metadata
    spec: CanarySpec
    status: CanaryStatus | None = None


class MetricTemplate(Model):
    """A query that several Canaries share."""

    metadata: Metadata
    spec: MetricTemplateSpec


class AlertProviderSpec(Model):
    """Where alerts go: ``address``, or a Secret that holds it."""

    type: Literal["slack", "msteams", "discord", "rocket", "gchat"]
    channel: str | None = None
    username: str | None = None
    address: str | None = None
    secret_ref: SecretRef | None = None
    proxy: str | None = None


class AlertProvider(Model):
    """A receiver of alerts."""

    metadata: Metadata
    spec: AlertProviderSpec


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field that can't be read: where, what it holds, what is accepted."""

    path: str
    value: object
    message: str

    def __str__(self) -> str:
        shown = repr(self.value)
        return f"{self.path}: {shown if len(shown) <= 80 else shown[:77] + '...'}: {self.message}"


class InvalidObject(ValueError):
    """An object that can't be decoded; names every field at fault."""

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


M = TypeVar("M", bound=Model)


def parse(obj: Mapping[str, Any]) -> Canary:
    """The Canary in an object of the API; raises InvalidObject."""
    return parse_as(Canary, obj)


def parse_as(model: type[M], obj: Mapping[str, Any]) -> M:
    """``obj`` as ``model``; raises InvalidObject naming field, value and what is accepted."""
    try:
        return model.model_validate(obj)
    except ValidationError as error:
        found = tuple(
            FieldProblem(
                ".".join(str(part) for part in e["loc"]), e.get("input"), _accepted(dict(e))
            )
            for e in error.errors(include_url=False)
        )
        raise InvalidObject(found) from error


def _accepted(error: dict[str, Any]) -> str:
    """What would be accepted, from one of pydantic's findings."""
    if error["type"] == "missing":
        return "is required"
    if error["type"] in ("int_from_float", "int_parsing"):
        return "must be a whole number"
    message = str(error["msg"])
    return message[0].lower() + message[1:]
