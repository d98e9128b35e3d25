"""Which Canary a labelled series belongs to, so that it goes when the Canary goes."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from prometheus_client import Counter, Gauge, Histogram

Family = TypeVar("Family", Counter, Gauge, Histogram)
_Place = tuple[Counter | Gauge | Histogram, tuple[str, ...]]


class Subject(NamedTuple):
    """What a series is about. Flagger's are named after the target, ours after the Canary."""

    namespace: str
    canary: str
    target: str


class Series:
    """Owners of series. A series belongs to the Canary that wrote it last.

    Flagger's series are named after targets: without this, removing a second Canary of one target
    would take the series of the first along.
    """

    def __init__(self) -> None:
        self._owners: dict[_Place, tuple[str, str]] = {}
        self._owned: dict[tuple[str, str], set[_Place]] = {}

    def own(self, owner: Subject, family: Family, labels: tuple[str, ...]) -> Family:
        """The series of ``family`` with these labels; from now on it is ``owner``'s."""
        key, place = (owner.namespace, owner.canary), (family, labels)
        before = self._owners.get(place)
        if before is not None:
            self._owned[before].discard(place)
        self._owners[place] = key
        self._owned.setdefault(key, set()).add(place)
        return family.labels(*labels)

    def only(self, owner: Subject, family: Family, labels: tuple[str, ...]) -> Family:
        """As ``own``; all other series of ``family`` that differ in the last label alone go."""
        places, prefix = self._owned.get((owner.namespace, owner.canary), set()), labels[:-1]
        same = [p for p in places if p[0] is family and p[1][:-1] == prefix and p[1] != labels]
        for place in same:
            self._remove(place)
        return self.own(owner, family, labels)

    def forget(self, namespace: str, canary: str) -> None:
        """Remove all series of this Canary."""
        for place in list(self._owned.get((namespace, canary), ())):
            self._remove(place)
        self._owned.pop((namespace, canary), None)

    def _remove(self, place: _Place) -> None:
        family, labels = place
        self._owned[self._owners.pop(place)].discard(place)
        family.remove(*labels)
