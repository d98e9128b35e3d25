"""``python -m e2e.stack``: build the cluster's pieces, or start it for a person to use."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Sequence

from e2e.stack import contour, istio, traefik
from e2e.stack.build import build
from e2e.stack.cache import Cache, cache_folder
from e2e.stack.cluster import Stack
from e2e.stack.commands import BuildFailed
from e2e.stack.namespace import StackError
from e2e.stack.versions import FEATURES, pieces

_OPTIONAL = tuple(name for name in FEATURES if name != "base")
_STARTED = tuple(name for name in _OPTIONAL if name != "flagger")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(prog="python -m e2e.stack", description=__doc__)
    commands = result.add_subparsers(dest="command", required=True)
    building = commands.add_parser("build", help="build what is missing (all parts unless named)")
    starting = commands.add_parser("up", help="build what is missing, start, stay until Ctrl-C")
    for each in (building, starting):
        for feature in _OPTIONAL if each is building else _STARTED:
            each.add_argument(f"--{feature}", action="store_true", help=f"with {feature}")
    starting.add_argument("--namespace-net", default="", metavar="NAME", help="name for ip netns")
    starting.add_argument("--keep", action="store_true", help="keep the run's folder with its logs")
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code."""
    options = parser().parse_args(arguments)
    features = frozenset(name for name in _OPTIONAL if getattr(options, name, False))
    if options.command == "build" and not features:
        features = frozenset(_OPTIONAL)
    cache = Cache(cache_folder())
    try:
        seconds = build(cache, pieces(features), _say)
        if options.command == "build":
            _say(f"everything is in {cache.root} ({seconds:.0f} s)")
            return 0
        asyncio.run(_up(features, options.namespace_net, options.keep))
    except (BuildFailed, StackError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


async def _up(features: frozenset[str], name: str, keep: bool) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with Stack(features, say=_say, name=name, keep=keep) as stack:
        # Until here Ctrl-C interrupts the start; from here on it asks for an orderly end.
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, ended.set)
        _say(guide(stack, features))
        await ended.wait()
        began = time.monotonic()
        _say("stopping")
    _say(f"gone after {time.monotonic() - began:.1f} s")


def guide(stack: Stack, features: frozenset[str]) -> str:
    """What a person needs to use the cluster."""
    lines = [
        "",
        f"  export KUBECONFIG={stack.kubeconfig}",
        f"  Prometheus   {stack.prometheus}",
        f"  logs         {stack.settings.logs} (pods: pods/<namespace>_<pod>_<container>.log)",
        f"  audit log    {stack.audit_log}",
        f"  inside       {' '.join(stack.inside())} <command>",
    ]
    if "contour" in features:
        lines += [
            f"  Gateway      {contour.NAMESPACE}/{contour.GATEWAY} (gatewayClassName contour)",
            f"  send traffic curl -i -H 'Host: <hostname of the HTTPRoute>' {stack.gateway}/",
        ]
    if "istiod" in features:
        lines += [
            f"  Istio        gateways: [{istio.NAMESPACE}/{istio.GATEWAY}]",
            f"  send traffic curl -i -H 'Host: <its host>' {stack.istio_gateway}/",
        ]
    if "traefik" in features:
        lines += [
            f"  Ingresses    ingressClassName: {traefik.CLASS}",
            f"  send traffic curl -i -H 'Host: <its host>' {stack.settings.url('ingress')}/",
        ]
    if "flux" in features:
        lines.append(f"  Git          {stack.settings.git}, for Flux at http://127.0.0.1:3001/")
    return "\n".join([*lines, "", "  Ctrl-C stops it and removes everything.", ""])


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
