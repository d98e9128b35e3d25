"""Session cookies: one for the run, one for the step, the same whenever a step is done again."""

from __future__ import annotations

import re
from dataclasses import replace

import factory as make
import pytest

from canary.api.canary import Canary
from canary.rollout.affinity import called_in, handed_out
from canary.rollout.plan import Traffic
from canary.rollout.record import Run
from providers.interface import Affinity

STICKY = Traffic(sticky=True)
NONE = Affinity()
RUN = Run(make.NEW, step=0)


def canary(**cookies: str) -> Canary:
    return make.canary(analysis={"sessionAffinity": {"cookieName": "app", **cookies}})


def of_uid(uid: str) -> Canary:
    found = canary(primaryCookieName="main")
    return found.model_copy(update={"metadata": found.metadata.model_copy(update={"uid": uid})})


def test_a_run_has_one_cookie_and_each_step_another_for_the_primary() -> None:
    first = handed_out(canary(primaryCookieName="main"), RUN, NONE, STICKY)
    assert re.fullmatch(r"app=[A-Za-z]{10}", first.canary)
    assert re.fullmatch(r"main=[A-Za-z]{10}", first.primary)
    second = handed_out(canary(primaryCookieName="main"), replace(RUN, step=1), first, STICKY)
    assert second.canary == first.canary
    assert second.primary != first.primary
    again = handed_out(canary(primaryCookieName="main"), RUN, second, STICKY)
    assert again == first


def test_users_keep_the_cookie_that_they_have() -> None:
    before = Affinity(canary="app=theirs", previous="app=before")
    assert handed_out(canary(), RUN, before, STICKY) == before


def test_another_run_and_another_canary_have_cookies_of_their_own() -> None:
    found = {
        handed_out(of_uid(uid), replace(RUN, attempt=attempt), NONE, STICKY)
        for uid in ("one", "two")
        for attempt in (1, 2)
    }
    assert len({each.canary for each in found}) == len({each.primary for each in found}) == 4


def test_without_a_name_the_primary_has_no_cookie() -> None:
    assert handed_out(canary(), RUN, NONE, STICKY).primary == ""


@pytest.mark.parametrize(
    ("of", "traffic"), [(make.PLAIN, STICKY), (canary(), Traffic())], ids=["not asked", "can't"]
)
def test_nobody_gets_a_cookie_where_none_is_asked_for_or_can_be_had(
    of: Canary, traffic: Traffic
) -> None:
    before = Affinity(previous="app=before")
    assert handed_out(of, RUN, before, traffic) == before


def test_a_cookie_that_is_called_in_is_remembered() -> None:
    assert called_in(Affinity("app=this", "main=x", "app=before")) == Affinity(previous="app=this")
    assert called_in(Affinity("", "", "app=before")) == Affinity(previous="app=before")
