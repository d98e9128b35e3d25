"""What a traffic provider is: pure functions from a Canary and weights to objects, and back.

A provider does no I/O and reads no clock. It gets and returns plain dicts, so that a third party
can ship one as a wheel (entry point group ``canary.providers``) without importing the product.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

API = 1
"""Version of this interface; a provider that declares another one is refused."""

INGRESS_ANNOTATIONS = "nginx.ingress.kubernetes.io"
"""Prefix of the annotations that an ingress-nginx controller reads unless told otherwise."""

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class ObjectKind:
    """A kind that a provider writes and that the controller watches for it.

    ``outlives``: one that was made for a Canary stays when that goes, as nobody's (``released``).
    """

    group: str
    version: str
    plural: str
    kind: str
    outlives: bool = field(default=False, compare=False)


class Capability(StrEnum):
    """What a provider can do beyond Services.

    A Canary that asks for more is refused by name where the rollout wouldn't be what was asked for
    (``MATCH``), else it goes on without, and a condition names it (``providers/demands.py``).

    One without ``WEIGHTS`` routes nothing: all users stay on the primary, whatever is asked.
    """

    WEIGHTS = "weights"
    MATCH = "match"
    MIRROR = "mirror"
    MIRROR_WEIGHT = "mirror-weight"
    SESSION_AFFINITY = "session-affinity"


@dataclass(frozen=True, slots=True)
class Affinity:
    """The cookies of session affinity, as ``NAME=VALUE``; an empty one isn't in use.

    While the canary gets traffic, who bears ``canary`` stays there and who bears ``primary`` stays
    on the primary; the weighted rule hands both out. At weight 0 nobody stays on the canary: who
    bears ``canary``, or else ``previous``, is told to forget it.
    """

    canary: str = ""
    primary: str = ""
    previous: str = ""


@dataclass(frozen=True, slots=True)
class Routing:
    """How traffic is to be split: shares in percent, always summing to 100.

    In an A/B test (``spec.analysis.match``) the shares are those of matching requests; all others
    go to the primary. ``mirror`` sends the canary a copy of what the primary serves.
    """

    primary: int
    canary: int
    mirror: bool = False
    affinity: Affinity | None = None

    def __post_init__(self) -> None:
        if self.primary < 0 or self.canary < 0 or self.primary + self.canary != 100:
            raise ValueError(f"weights {self.primary}/{self.canary} do not sum to 100")

    @property
    def visible(self) -> Routing:
        """The same with only those cookies that make a rule at this weight.

        Two routings are the same route exactly when this is equal; readings are in this form. At
        0/100 the primary's cookie makes none: nobody gets one then, and a primary that broke in its
        promotion has to keep nobody.
        """
        if self.affinity is None:
            return self
        cookies = self.affinity
        if self.canary == 0:
            kept = Affinity(previous=cookies.canary or cookies.previous)
        elif cookies.canary:
            kept = Affinity(cookies.canary, cookies.primary if self.primary else "")
        else:
            kept = Affinity()
        return replace(self, affinity=None if kept == Affinity() else kept)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the Canary that this provider can't do: the field's path, and why."""

    field: str
    message: str


class Liveness(StrEnum):
    """Whether the proxies have taken a route over."""

    LIVE = "live"
    """Every parent that matters confirmed this generation."""
    PENDING = "pending"
    """A parent has yet to report this generation, or refuses it: hold."""
    UNCONFIRMED = "unconfirmed"
    """Nothing confirms (by design, or no parent ever reported): wait the settle time instead."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the live objects say.

    ``routing`` is None when they carry no usable split (``error`` says why, in Flagger's words
    where it has some); otherwise it is in the form of ``Routing.visible``, with the mirror and the
    cookies that the live objects carry.
    """

    routing: Routing | None
    liveness: Liveness
    error: str = ""
    warning: str = ""
    gone: bool = False
    """Nothing is there that could send anybody to the canary."""


@dataclass(frozen=True, slots=True)
class Desired:
    """One object as it should be.

    ``fields`` is a whole manifest (apiVersion, kind, metadata, spec) holding only what the engine
    owns; it is written by server-side apply. When ``live`` belongs to a user (no controller owner
    reference of this Canary), ``patch`` is set instead: JSON Patch operations that change only the
    engine's own parts, empty when nothing differs. ``weights`` tells whether this object carries
    the split (those are written last when weight rises, first when it falls).
    """

    kind: ObjectKind
    name: str
    fields: Object
    weights: bool = False
    patch: Sequence[Mapping[str, Any]] | None = None
    differs: bool = True
    """Whether the live object lacks something of ``fields``; a write is due only then."""
    waits: bool = False
    """The write goes on with what the live object began: it is due once the proxies have had the
    time to take that over."""


@dataclass(frozen=True, slots=True)
class Context:
    """What every provider function gets.

    ``canary`` is the whole Canary object. ``live`` maps (kind, name) to the cached object in the
    Canary's namespace, absent objects being absent from the map. ``labels`` are the extra labels of
    routing objects (``providers.md`` 2.3: the selector label when ``service.apex`` is set).
    """

    canary: Object
    live: Mapping[tuple[ObjectKind, str], Object] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    owner: Object | None = None
    """Owner reference for created objects; None when they live in another cluster."""
    ingress_annotations: str = INGRESS_ANNOTATIONS
    lacking: frozenset[str] = frozenset()
    """Paths of those ``extensions`` that this cluster's CRDs lack: they must not be written."""


class Provider(Protocol):
    """A traffic provider, registered under the names that ``spec.provider`` may have.

    What one may say beyond this is in ``providers/optional.py``.
    """

    api: int
    name: str
    kinds: Sequence[ObjectKind]
    capabilities: frozenset[Capability]
    confirms: bool

    def problems(self, canary: Object) -> Sequence[Problem]:
        """Fields of this Canary that can't be honoured; an empty list when all is well."""

    def names(self, canary: Object) -> Sequence[tuple[ObjectKind, str]]:
        """The objects that this Canary's routing consists of, in the order of creation; those that
        are only read (a user's Ingress) come first."""

    def desired(self, context: Context, routing: Routing) -> Sequence[Desired]:
        """The routing objects for ``routing``, in the order of creation."""

    def read(self, context: Context) -> Reading:
        """The split that the live objects carry, and whether the proxies confirmed it."""
