"""The client's own limit on requests, so that a bug here can't become load on an API server."""

from __future__ import annotations

import asyncio


class TokenBucket:
    """Lets ``burst`` requests through at once and ``rate`` a second on average, in their order."""

    def __init__(self, rate: float, burst: int) -> None:
        if rate <= 0 or burst < 1:
            raise ValueError(f"a rate of {rate} with a burst of {burst} lets nothing through")
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._at: float | None = None

    async def take(self) -> None:
        """Wait for a token. A token whose taker is cancelled while waiting is given back."""
        now = asyncio.get_running_loop().time()
        if self._at is not None:
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        self._tokens -= 1
        try:
            # No time at all for those that there is a token for.
            await asyncio.sleep(-self._tokens / self._rate)
        except asyncio.CancelledError:
            self._tokens += 1
            raise
