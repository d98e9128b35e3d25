"""What all models of the API share."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, WithJsonSchema, model_validator
from pydantic.alias_generators import to_camel

Whole = Annotated[int, WithJsonSchema({"type": "number"})]
"""A whole number that the CRD calls a ``number``: ``10.0`` is 10, ``1.5`` is refused here (D39)."""


class Model(BaseModel):
    """Camel-case names, unknown fields kept, nothing changed in place."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="allow", frozen=True
    )


class EngineModel(Model):
    """An ``engine:`` block is ours: a field that isn't known is refused."""

    @model_validator(mode="after")
    def _closed(self) -> Self:
        unknown = ", ".join(self.model_extra or ())
        if unknown:
            known = ", ".join(str(f.alias) for f in type(self).model_fields.values())
            raise ValueError(f"knows no {unknown}; accepted are {known}")
        return self


class Metadata(Model):
    """The part of an object's metadata that the engine reads."""

    name: str
    namespace: str = ""
    uid: str = ""
    generation: int = 0
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
