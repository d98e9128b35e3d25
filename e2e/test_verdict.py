"""The audit log of the whole run: the engines did what they may, and may what they do."""

from __future__ import annotations

from collections import Counter

import pytest

from e2e.audit import Request, requests
from e2e.suite import Suite

Rule = tuple[str, str, str]
"""Verb, API group, resource."""

NEVER_ASKED_FOR = {
    ("update", "flagger.app", "canaries/finalizers"),
    ("delete", "", "services"),
    ("delete", "gateway.networking.k8s.io", "httproutes"),
    ("delete", "networking.istio.io", "virtualservices"),
}
"""No requests of their own: the API server asks for them when an object is created in a Canary's
name, and when an owner is taken away (admission plugin OwnerReferencesPermissionEnforcement, which
this cluster has)."""


async def _engines(suite: Suite) -> list[Request]:
    await suite.everything()
    stack = suite.cluster.stack
    assert stack is not None
    users = {installation.user for installation in suite.cluster.installations}
    return [request for request in requests(stack.audit_log) if request.user in users]


@pytest.mark.verdict
@pytest.mark.asyncio(loop_scope="session")
async def test_nothing_was_forbidden(suite: Suite) -> None:
    """No request of an engine was refused for want of a permission."""
    asked = await _engines(suite)
    assert asked, "there are no engines in the audit log"
    assert not [str(request) for request in asked if request.code == 403]


@pytest.mark.verdict
@pytest.mark.asyncio(loop_scope="session")
async def test_every_granted_rule_was_used(suite: Suite) -> None:
    """No engine has a right that no scenario made use of."""
    asked = await _engines(suite)
    used: Counter[Rule] = Counter((r.verb, r.group, r.resource) for r in asked)
    granted = {
        (verb, group, resource)
        for installation in suite.cluster.installations
        for role in installation.roles
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    suite.say("permissions", f"{len(granted)} granted, used {used.total()} times")
    unused = granted - set(used) - NEVER_ASKED_FOR
    for verb, group, resource in sorted(unused):
        suite.say("permissions", f"  unused: {verb} {resource} {group}")
    assert not unused
