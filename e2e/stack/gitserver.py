"""Git over smart HTTP, read-only: ``git http-backend`` behind a small web server.

Arguments: the folder of the bare repositories, the port. Pushes go to the folder directly.
"""

from __future__ import annotations

import asyncio
import os
import sys

from aiohttp import web


def _environment(request: web.Request, root: str, size: int) -> dict[str, str]:
    names = {"Content-Encoding": "HTTP_CONTENT_ENCODING", "Git-Protocol": "GIT_PROTOCOL"}
    passed = {names[name]: request.headers[name] for name in names if name in request.headers}
    return {
        "PATH": os.environ["PATH"],
        "GIT_PROJECT_ROOT": root,
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": request.path,
        "QUERY_STRING": request.query_string,
        "REQUEST_METHOD": request.method,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(size),
        **passed,
    }


def application(root: str) -> web.Application:
    """The web server for the repositories under ``root``."""

    async def backend(request: web.Request) -> web.Response:
        body = await request.read()
        process = await asyncio.create_subprocess_exec(
            *("git", "http-backend"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=_environment(request, root, len(body)),
        )
        output, _ = await process.communicate(body)
        head, _, content = output.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        status = int(fields.pop("Status", "200").split()[0])
        return web.Response(status=status, headers=fields, body=content)

    async def healthy(request: web.Request) -> web.Response:
        return web.Response(text="ok")

    # git compresses its requests; http-backend wants them as they came.
    app = web.Application(client_max_size=2**28, handler_args={"auto_decompress": False})
    app.router.add_get("/healthz", healthy)
    app.router.add_route("*", "/{path:.+}", backend)
    return app


if __name__ == "__main__":
    web.run_app(application(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]), print=None)
