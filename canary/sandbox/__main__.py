"""``python -m canary.sandbox --kubeconfig FILE [--port N] [-f FILE ...]``: serve until stopped."""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path

import orjson
import yaml

from canary.clock import SystemClock
from canary.kube.resources import CRDS
from canary.kube.transport import Request
from canary.sandbox.cluster import Cluster, routing_crds
from canary.sandbox.http import serving, write_kubeconfig
from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.pods import Behaviour


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve a cluster with simulated workloads; prints its address."""
    parser = argparse.ArgumentParser(prog="python -m canary.sandbox")
    parser.add_argument("--kubeconfig", type=Path, required=True, help="file to write")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--crds", type=Path, help="folder of CustomResourceDefinitions")
    parser.add_argument(
        "--starts-in", type=float, default=1.0, help="seconds until a new pod is ready"
    )
    asyncio.run(_serve(parser.parse_args(arguments)))


async def _serve(options: argparse.Namespace) -> None:
    behaviour = Behaviour(options.starts_in)
    cluster = Cluster(SystemClock(), lambda template: behaviour, gateway=True)
    for crd in [*_folder(options.crds), *routing_crds()]:
        request = Request("POST", CRDS.path(), body=orjson.dumps(crd))
        answer = cluster.server.handle("sandbox", request)
        if answer.status >= 400:
            raise SystemExit(answer.body.decode())
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    cluster.start()
    async with serving(cluster.server, port=options.port) as address:
        write_kubeconfig(options.kubeconfig, address)
        print(f"{address} (kubeconfig: {options.kubeconfig})", flush=True)
        await stop.wait()
    await cluster.stop()


def _folder(folder: Path | None) -> list[JsonObj]:
    if folder is None:
        return []
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml"))]
    return [crd for text in texts for crd in yaml.safe_load_all(text) if crd]


if __name__ == "__main__":
    main()
