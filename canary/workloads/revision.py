"""Digests: what a target's pods run, and what is in its ConfigMaps and Secrets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from canary.workloads.objects import Obj, pruned, thaw

MARKER = "e1"
"""Version of the template digest, so that a later one is never mistaken for a change (D8)."""

FLAGGER_ID = "flagger-id"


def template_digest(template: Obj) -> str:
    """Digest of a pod template: what the pods run, less what the engine itself injects.

    Order of keys and empty parts make no difference. A restart by ``kubectl rollout restart`` is
    a user's wish and counts.
    """
    body = thaw(template)
    annotations = (body.get("metadata") or {}).get("annotations")
    if isinstance(annotations, dict):
        annotations.pop(FLAGGER_ID, None)
    if isinstance(body.get("metadata"), dict):
        body["metadata"].pop("creationTimestamp", None)
    text = json.dumps(pruned(body), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{MARKER}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


_GO_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def config_checksum(
    data: Mapping[str, str] | None, binary_data: Mapping[str, str] | None = None
) -> str:
    """Flagger's checksum of a ConfigMap's or Secret's data (``status.trackedConfigs``).

    The first 8 bytes, in hex, of SHA-256 over the compact JSON of ``data`` with sorted keys and
    Go's escaping. ``binaryData``, which Flagger overlooks (D30), counts where there is any.
    """
    text = _go_json(dict(data) if data is not None else None)
    if binary_data:
        text += _go_json(dict(binary_data))
    return hashlib.sha256(text.encode()).digest()[:8].hex()


def _go_json(value: Any) -> str:
    plain = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return plain.translate(_GO_ESCAPES)
