"""``canary providers``: the traffic providers of this installation."""

from __future__ import annotations

from argparse import Namespace

from canary.cli.failure import CommandFailed
from canary.cli.output import encoded
from canary.cli.terminal import Table, Terminal
from providers.interface import Provider
from providers.registry import UnusableProvider, installed


def run(program: str, options: Namespace, out: Terminal) -> int:
    """List them by name."""
    try:
        found = dict(sorted(installed().items()))
    except UnusableProvider as error:
        raise CommandFailed(f"{error}: upgrade or remove its package") from error
    if options.output == "name":
        out.write(*found)
    elif options.output:
        data = [_data(name, provider) for name, provider in found.items()]
        out.write(encoded(data, options.output))
    else:
        table = Table(("NAME", "KINDS", "CAPABILITIES", "CONFIRMS"))
        rows = table.rows([_row(name, provider) for name, provider in found.items()])
        out.write(table.titles(), *rows)
    return 0


def _kinds(provider: Provider) -> list[str]:
    return [f"{kind.plural}.{kind.group}" for kind in provider.kinds]


def _data(name: str, provider: Provider) -> dict[str, object]:
    return {
        "name": name,
        "kinds": _kinds(provider),
        "capabilities": sorted(provider.capabilities),
        "confirms": provider.confirms,
    }


def _row(name: str, provider: Provider) -> tuple[str, ...]:
    capabilities = ",".join(sorted(provider.capabilities))
    confirms = "yes" if provider.confirms else "no"
    return (name, ",".join(_kinds(provider)), capabilities, confirms)
