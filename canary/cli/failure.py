"""How a command ends that can't do its work."""

from __future__ import annotations


class CommandFailed(Exception):
    """A command can't go on; the text says why, and what to do."""


class UsageFault(Exception):
    """A value that can't be meant; the text names the option, the value and what is accepted."""
