"""Which metric sources there are, and which of third parties are taken."""

from __future__ import annotations

import pytest

from analysis.interface import API, Capability, SourceError
from analysis.prometheus import SOURCE
from analysis.registry import installed, source, usable


class Foreign:
    """A source of a third party, as far as the registry looks."""

    type = "foreign"
    secret_keys = ()
    capabilities = frozenset()

    def __init__(self, api):
        self.api = api


def test_prometheus_is_installed():
    assert source("prometheus", installed()) is SOURCE


# analysis.md 9, "Capability matrix"
def test_what_prometheus_honours():
    assert set(SOURCE.secret_keys) == {"token", "username", "password"}
    assert SOURCE.capabilities == {Capability.HEADERS, Capability.INSECURE_SKIP_VERIFY}


def test_a_source_of_this_version_is_taken():
    foreign = Foreign(API)
    assert usable("foreign", foreign) is foreign


@pytest.mark.parametrize("api", [API + 1, API - 1])
def test_a_source_of_another_version_is_refused_with_both_versions(api):
    with pytest.raises(SourceError) as caught:
        usable("foreign", Foreign(api))
    text = str(caught.value)
    assert "foreign" in text and str(api) in text and str(API) in text


def test_an_unknown_type_is_answered_with_the_known_ones():
    with pytest.raises(SourceError) as caught:
        source("graphite", {"b": Foreign(API), "a": Foreign(API)})
    assert '"graphite"' in str(caught.value) and "a, b" in str(caught.value)
