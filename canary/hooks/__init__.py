"""Webhooks: gates and checks that are asked, receivers of events that are told."""

from canary.hooks.client import HookAnswer, HookClient, Passed, Refused
from canary.hooks.events import EventSender
from canary.hooks.gate import Asked, ask, of_type
from canary.hooks.payload import HookEvent, Subject, checksum
from canary.hooks.transport import HttpTransport, open_session

__all__ = [
    "Asked",
    "EventSender",
    "HookAnswer",
    "HookClient",
    "HookEvent",
    "HttpTransport",
    "Passed",
    "Refused",
    "Subject",
    "ask",
    "checksum",
    "of_type",
    "open_session",
]
