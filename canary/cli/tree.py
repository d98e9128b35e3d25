"""A report as a tree of lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from canary.cli.metrics import MetricLine
from canary.cli.parts import Split, Workload
from canary.cli.report import Report
from canary.cli.terminal import Colour, Terminal, phase_colour, plain
from canary.rollout.observed import Observed, Present, Unknown


@dataclass(frozen=True, slots=True)
class Node:
    """A line, and what hangs below it. The line is painted already."""

    line: str
    below: tuple[Node, ...] = ()


def lines(shown: Report, now: datetime, out: Terminal) -> list[str]:
    """The tree as lines for ``out``."""
    return list(_drawn(_root(shown, now, out), "", "", out.boxes))


def _drawn(node: Node, first: str, rest: str, boxes: bool) -> Iterator[str]:
    yield first + node.line
    fork, last, through = ("├─ ", "└─ ", "│  ") if boxes else ("|- ", "`- ", "|  ")
    for index, child in enumerate(node.below):
        end = index == len(node.below) - 1
        yield from _drawn(
            child, rest + (last if end else fork), rest + ("   " if end else through), boxes
        )


def _root(shown: Report, now: datetime, out: Terminal) -> Node:
    at = shown.at
    phase = at.phase or "not seen yet"
    head = [
        out.paint(plain(f"{at.name}.{at.namespace}"), Colour.STRONG),
        out.paint(plain(phase), phase_colour(at.phase)),
        f"weight {at.weight}",
    ]
    head += [f"step {at.step}"] if at.step else []
    if at.phase == "Progressing" and shown.threshold:
        head += [f"failed checks {at.failed_checks} of {shown.threshold}"]
    head += ["run by Flagger"] if at.engine == "flagger" else []
    below = [Node(_named("reason", plain(at.reason), out))] if at.reason else []
    if at.next.text:
        below.append(Node(_named("next", _next(shown, now), out)))
    primary = f"{shown.target_name}-primary"
    target = _workload(shown.kind, shown.target_name, shown.target, shown.target_revision)
    below.append(Node(_named("target", target, out)))
    stands_in = _workload(shown.kind, primary, shown.primary, shown.primary_revision)
    below.append(Node(_named("primary", stands_in, out)))
    below.append(_route(shown, out))
    if shown.metrics:
        width = max(len(plain(metric.name)) for metric in shown.metrics)
        found = tuple(Node(_metric(metric, width, out)) for metric in shown.metrics)
        below.append(Node(out.paint("metrics", Colour.DIM), found))
    if at.troubles:
        below.append(Node(out.paint("problems", Colour.BAD), tuple(_problems(shown, out))))
    return Node("  ".join(head), tuple(below))


def _named(name: str, text: str, out: Terminal) -> str:
    return f"{out.paint(f'{name:<8}', Colour.DIM)} {text}"


def _next(shown: Report, now: datetime) -> str:
    coming = shown.at.next
    when = coming.when(now)
    if not when:
        return plain(coming.text)
    return f"{plain(coming.text)}: {when if when == 'now' else f'in {when}'}"


def _workload(kind: str, name: str, seen: Observed[Workload], revision: str) -> str:
    label = plain(f"{kind or 'workload'}/{name}")
    if not isinstance(seen, Present):
        return f"{label}  {_missing(seen)}"
    found = seen.value
    text = f"{label}  {found.ready}/{found.wanted} ready  {plain(', '.join(found.images))}"
    return f"{text}  revision {plain(revision)}" if revision else text


def _route(shown: Report, out: Terminal) -> Node:
    provider = plain(shown.provider or "provider unknown")
    if not isinstance(shown.route, Present):
        return Node(_named("route", f"{provider}  {_missing(shown.route)}", out))
    found: Split = shown.route.value
    shares = f"primary {found.primary} %, canary {found.canary} %"
    text = f"{provider}  {shares}  {plain(found.confirmation)}"
    if found.canary != shown.at.weight:
        text += "  " + out.paint(f"the status says {shown.at.weight} %", Colour.BUSY)
    if found.warning:
        text += f"  {plain(found.warning)}"
    objects = tuple(Node(plain(name)) for name in found.objects)
    return Node(_named("route", text, out), objects)


def _missing(seen: Observed[Workload] | Observed[Split]) -> str:
    if isinstance(seen, Present):
        raise AssertionError("what is there isn't missing")
    return f"{'not visible' if isinstance(seen, Unknown) else 'not there'}: {plain(seen.why)}"


def _metric(metric: MetricLine, width: int, out: Terminal) -> str:
    name = f"{plain(metric.name):<{width}}"
    if metric.passed is None:
        return f"{out.paint('-', Colour.DIM)} {name}  no value yet, limit {plain(metric.limit)}"
    mark = ("✓" if metric.passed else "✗") if out.boxes else ("ok" if metric.passed else "FAILED")
    mark = out.paint(mark, Colour.GOOD if metric.passed else Colour.BAD)
    return f"{mark} {name}  {plain(metric.value)}, limit {plain(metric.limit)}"


def _problems(shown: Report, out: Terminal) -> Iterator[Node]:
    for trouble in shown.at.troubles:
        colour = Colour.BAD if trouble.blocks else Colour.BUSY
        line = f"{out.paint(plain(trouble.reason), colour)}: {plain(trouble.message)}"
        yield Node(line, (Node(f"to do: {plain(trouble.todo)}"),))
