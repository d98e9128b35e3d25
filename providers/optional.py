"""What a provider may say beyond the protocol; one that doesn't means nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from providers.interface import Capability, Context, Desired, Object, ObjectKind, Problem, Provider


@dataclass(frozen=True, slots=True)
class Extension:
    """A field of a routing object that older versions of its CRD lack.

    ``path`` leads there, with ``[]`` behind each list; ``without`` says what it means for the
    Canary that the field isn't there.
    """

    kind: ObjectKind
    path: str
    without: Problem


def unable(provider: Provider, canary: Object) -> Mapping[Capability, str]:
    """Those of its capabilities that ``canary`` can't have, each with the part of the spec that
    takes it away."""
    ask = getattr(provider, "unable", None)
    return ask(canary) if ask is not None else {}


def extensions(provider: Provider | None, canary: Object) -> Sequence[Extension]:
    """What ``canary`` asks of newer CRDs only; those that aren't there come in
    ``Context.lacking``. Without a provider it asks nothing."""
    ask = getattr(provider, "extensions", None)
    return ask(canary) if ask is not None else ()


def released(provider: Provider, context: Context) -> Sequence[Desired]:
    """Objects of others as they should be once the engine leaves the Canary."""
    ask = getattr(provider, "released", None)
    return ask(context) if ask is not None else ()
