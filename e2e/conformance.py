"""``python -m e2e.conformance``: the sandbox's conformance cases against a real API server.

The same cases run against the sandbox in ``make test``; here they show that what they expect is
what Kubernetes does.
"""

from __future__ import annotations

import asyncio
import os
import sys

from e2e.stack.build import BuildFailed, build
from e2e.stack.cache import Cache, cache_folder
from e2e.stack.cluster import Stack
from e2e.stack.namespace import StackError
from e2e.stack.versions import pieces

# Connections of watches that a case leaves open are closed after its loop.
_CASES = ("tests/conformance/test_conformance.py", "-k", "kubeconfig", "-W", "default")


def main() -> int:
    """Build what is missing, start a cluster, run the cases; pytest's exit code."""
    try:
        build(Cache(cache_folder()), pieces(frozenset()), print)
        return asyncio.run(_cases())
    except (BuildFailed, StackError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


async def _cases() -> int:
    async with Stack(frozenset(), say=print) as stack:
        environ = os.environ | {"CONFORMANCE_KUBECONFIG": str(stack.kubeconfig)}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "pytest", *_CASES, env=environ
        )
        return await process.wait()


if __name__ == "__main__":
    sys.exit(main())
