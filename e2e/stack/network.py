"""The private network: addresses inside it, and the few doors that lead in from outside."""

from __future__ import annotations

import asyncio
import socket
import struct
import subprocess
from contextlib import suppress
from pathlib import Path

NODE_ADDRESSES = ("10.10.0.1", "10.10.0.2")
SERVICE_RANGE = "10.96.0.0/16"
POD_RANGE = "10.244.0.0/16"

# Doors have ports of the usual ephemeral range (32768 and above): inside, connections must not
# take one before its server has bound it.
_EPHEMERAL = "20000 31999"
_CHUNK = 2**16


def set_up() -> None:
    """Give the new namespace its addresses. Any process in it can then bind any pod's address:
    they aren't in 127.0.0.0/8, which Endpoints refuse."""
    commands = ["link set lo up", f"route add local {POD_RANGE} dev lo"]
    commands[1:1] = [f"addr add {address}/32 dev lo" for address in NODE_ADDRESSES]
    for command in commands:
        subprocess.run(["ip", *command.split()], check=True, capture_output=True)
    Path("/proc/sys/net/ipv4/ip_local_port_range").write_text(_EPHEMERAL)


def door() -> socket.socket:
    """A listening socket on this machine's loopback.

    Handed to a process inside the namespace it still accepts from outside; there it leads to the
    same port of the namespace's own loopback, so that an address means the same on both sides.
    """
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    listener.set_inheritable(True)
    return listener


async def relay(door: socket.socket, port: int = 0) -> asyncio.Server:
    """Lead what the door accepts to its own port in here, or to another one."""
    port = port or door.getsockname()[1]
    # When a connection's user is gone nothing of asyncio's holds on to what is left of it.
    alive: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(lead(reader, writer))
        alive.add(task)
        task.add_done_callback(alive.discard)

    async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            _reset(writer)
            return
        ways = [asyncio.create_task(_pump(reader, back)), asyncio.create_task(_pump(there, writer))]
        try:
            await asyncio.gather(*ways)
        finally:
            for way in ways:
                way.cancel()
            for end in (back, writer):
                end.close()
                with suppress(OSError):
                    await end.wait_closed()

    return await asyncio.start_server(connected, sock=door)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close as if nobody had listened: with a reset, not in order."""
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(_CHUNK):
            target.write(data)
            await target.drain()
        if target.can_write_eof():
            target.write_eof()
        return
    target.transport.abort()
