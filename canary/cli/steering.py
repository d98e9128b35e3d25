"""The commands that steer a rollout, each declared once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from canary.cli.declaration import Argument, Option, PeopleCommand

_MODULE: Final = "canary.cli.steer"

_NOTES: Final = """\
What is asked for is put on record by the engine as soon as it sees it, applies to the present run
only, and is told in an event with who asked, when and why. It is an annotation of the Canary, so
that the right to patch Canaries is needed."""

_SUMMARIES: Final = {
    "promote": "promote the canary now, without waiting for more checks",
    "abort": "roll the canary back now",
    "pause": "keep the canary at its weight; checks go on, and may still roll it back",
    "resume": "go on with a paused rollout",
    "retry": "run a failed revision again, from the first step",
    "approve": "open the gate, or end the step, that a rollout waits for, once",
}


def steering(access: tuple[Option, ...]) -> Mapping[str, PeopleCommand]:
    """The commands, with the options that say which cluster is meant."""
    options = (
        *access,
        Option(("--reason",), "why; told in the event", "TEXT"),
        Option(("--by",), "who asks; default: the user of this machine", "NAME"),
    )
    return {
        name: PeopleCommand(
            summary,
            _MODULE,
            (
                f"{{program}} {name} podinfo -n test",
                f"{{program}} {name} podinfo -n test --reason 'see INC-42'",
            ),
            options,
            Argument("NAME", "name of the Canary"),
            notes=_NOTES,
        )
        for name, summary in _SUMMARIES.items()
    }
