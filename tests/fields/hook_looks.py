"""What is watched of the calls of webhooks and of the messages to chats."""

from __future__ import annotations

from typing import Any

from tests.fields.play import Play


async def refused_hook(play: Play) -> list[str]:
    """Names in the events about a hook that says no."""
    play.wire.status = 403
    await play.over()
    return [n for n in ("hook", "other") if play.told(f"external check {n} failed")]


async def urls(play: Play) -> set[str]:
    await play.over()
    return {request.url for request in play.wire.attempts}


async def timeouts(play: Play) -> set[float]:
    """Seconds that one attempt may take."""
    await play.over()
    return {request.timeout for request in play.wire.attempts}


async def attempts(play: Play) -> int:
    """How often one call is made that fails."""
    play.wire.status = 500
    await play.over()
    first = play.wire.attempts[0].key
    return sum(request.key == first for request in play.wire.attempts)


async def verifies(play: Play) -> set[bool]:
    await play.over()
    return {request.verify for request in play.wire.attempts}


async def metadata(play: Play) -> Any:
    await play.over()
    return play.wire.metadata()


async def counts_refusal(play: Play) -> bool:
    """Whether a no counts as a failed check, rather than as a wait."""
    play.wire.status = 403
    await play.over()
    return bool(play.stage.status()["failedChecks"] > 0)


async def phase_of_the_next_revision(play: Play) -> str:
    """What becomes of a revision that replaces the one in flight, behind a closed gate."""
    play.wire.status = 403
    await play.stage.set_image("podinfo:3.0.0")
    await play.over()
    return play.stage.phase()


async def alert_of_a_gate(play: Play) -> int:
    """Messages about a gate that closes."""
    play.wire.status = 403
    await play.over()
    return len(play.chats.requests)


async def _promoted(play: Play) -> None:
    play.forget()
    await play.phase("Succeeded")
    await play.stage.rest(30)


async def messages(play: Play) -> int:
    """How many there are until the canary is promoted."""
    await _promoted(play)
    return len(play.chats.requests)


async def chats(play: Play) -> set[str]:
    """Where the news of a promotion go."""
    await _promoted(play)
    return {request.url for request in play.chats.requests}


async def proxies(play: Play) -> set[str]:
    await _promoted(play)
    return {request.proxy for request in play.chats.requests}


async def channels(play: Play) -> set[str]:
    await _promoted(play)
    return {request.body["channel"] for request in play.chats.requests}


async def usernames(play: Play) -> set[str]:
    await _promoted(play)
    return {request.body["username"] for request in play.chats.requests}


async def colours(play: Play) -> set[str]:
    """In the form of Slack and of Rocket.Chat."""
    await _promoted(play)
    return {request.body["attachments"][0]["color"] for request in play.chats.requests}
