"""Ports on loopback: free ones, so that sandboxes stand side by side, or the one asked for."""

from __future__ import annotations

import socket

LOOPBACK = "127.0.0.1"


class PortInUse(Exception):
    """The port that was asked for is taken; the text names it."""


def available(port: int, flag: str) -> int:
    """``port`` if it can be bound, or a free one when it is 0; ``flag`` is where it came from.

    Raises PortInUse. Whoever binds it later may still be too late: nothing can hold it for them.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            why = f"port {port} on {LOOPBACK} can't be used ({error.strerror})"
            raise PortInUse(f"{why}: give another {flag}, or 0 for any free one") from error
        return int(probe.getsockname()[1])
