"""A gatekeeper: webhooks that people open and close, and a chat that listens."""

from __future__ import annotations

from typing import Any

from aiohttp import web


class Gates:
    """Gates on loopback, each closed (403) until its name is in ``open``. ``address`` is known
    while the context is open; ``asked`` has the name of each call, ``bodies`` what came with it."""

    def __init__(self) -> None:
        self.open: set[str] = set()
        self.asked: list[str] = []
        self.bodies: list[tuple[str, Any]] = []
        self.address = ""

    async def __aenter__(self) -> Gates:
        app = web.Application()
        app.router.add_post("/{name}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def hook(self, name: str) -> dict[str, str]:
        """The webhook of the type that is called so."""
        return {"name": name, "type": name, "url": f"{self.address}/{name}"}

    def told(self, name: str) -> list[Any]:
        """The bodies of the calls of one name."""
        return [body for called, body in self.bodies if called == name]

    async def _answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.asked.append(name)
        self.bodies.append((name, await request.json()))
        return web.Response(status=200 if name in self.open else 403)
