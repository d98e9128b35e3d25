"""Doors into the namespace, here between two sockets of one loopback."""

from __future__ import annotations

import asyncio
import gc
import socket
from contextlib import suppress

import pytest

from e2e.stack import network

PATIENCE = 20.0


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    data = await reader.read()  # To the end: the half-close has to come through.
    writer.write(data.upper())
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def through(door: tuple[str, int], data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(*door)
    writer.write(data)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def settled() -> None:
    """Let the connections' tasks finish: on Python 3.11 a server doesn't wait for them."""
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}, return_exceptions=True)


def two_listeners() -> tuple[socket.socket, socket.socket]:
    """A door and a server with one port number, as in two namespaces: another loopback address."""
    server = socket.create_server(("127.0.0.1", 0))
    return socket.create_server(("127.0.0.2", server.getsockname()[1])), server


@pytest.mark.asyncio
async def test_a_door_leads_to_the_same_port_inside_and_keeps_half_closes() -> None:
    door, listener = two_listeners()
    address = door.getsockname()
    relay = await network.relay(door)
    async with await asyncio.start_server(echo, sock=listener), relay:
        data = b"many bytes " * 50_000
        async with asyncio.timeout(PATIENCE):
            assert await through(address, data) == data.upper()
        await settled()


@pytest.mark.asyncio
async def test_a_door_to_a_stopped_server_gives_no_answer() -> None:
    door, listener = two_listeners()
    address = door.getsockname()
    listener.close()
    relay = await network.relay(door)
    async with relay:
        reader, writer = await asyncio.open_connection(*address)
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(ConnectionError):
                await reader.readexactly(1)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        await settled()


def test_a_door_is_of_this_machine_only_and_can_be_handed_on() -> None:
    with network.door() as door:
        assert door.get_inheritable()
        assert door.getsockname()[0] == "127.0.0.1"


@pytest.mark.asyncio
async def test_a_connection_whose_user_is_gone_is_not_lost_from_memory() -> None:
    """What is left of it still has to be passed on, and closed; else the server never hears."""
    door, listener = two_listeners()
    complaints: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context["message"]))
    asked, ended = asyncio.Event(), asyncio.Event()

    async def patient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        asked.set()
        await ended.wait()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    address = door.getsockname()
    relay = await network.relay(door)
    async with await asyncio.start_server(patient, sock=listener), relay:
        _, writer = await asyncio.open_connection(*address)
        writer.write_eof()
        async with asyncio.timeout(PATIENCE):
            await asked.wait()
            writer.close()
            await writer.wait_closed()
        for _ in range(20):
            await asyncio.sleep(0)
        gc.collect()
        ended.set()
        await settled()
    assert complaints == []
