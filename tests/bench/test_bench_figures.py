"""Each benchmark runs and prints its lines; of numbers only counts are compared."""

from __future__ import annotations

import re
import sys

import pytest

from bench.__main__ import main
from bench.idle import idle_figures
from bench.manifests import Plan
from bench.process import Stalled, until
from bench.rollout import rollout_figures

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="figures come from /proc")


def numbers(pattern: str, text: str) -> list[float]:
    """The groups of the one line that has ``pattern``."""
    found = [match for line in text.splitlines() if (match := re.fullmatch(pattern, line))]
    assert len(found) == 1, text
    return [float(group) for group in found[0].groups()]


def test_help_is_compared_with_a_python_that_does_nothing(capsys: pytest.CaptureFixture) -> None:
    assert main(["help", "--repeat", "1"]) == 0
    text = capsys.readouterr().out
    line = r"canary --help: (\d+) ms, ([\d.]+) x python -c pass \((\d+) ms\), least of 5"
    help_, ratio, nothing = numbers(line, text)
    assert ratio == pytest.approx(help_ / nothing, rel=0.1)
    first, *_, last = text.splitlines()
    assert re.fullmatch(r"machine: .+, \d+ CPUs, Linux \S+, Python 3\.\d+\.\d+", first)
    assert last.startswith("load average at the end: ")


def test_idle_canaries(capsys: pytest.CaptureFixture) -> None:
    text = "\n".join(idle_figures(few=1, many=3, repeat=1, seconds=1.0, still=0.3))
    assert numbers(r"3 new Canaries are initialised after (\d+) s, requests unlimited", text)
    for what in ("100 requests/s", "requests unlimited"):
        start = (
            rf"start-up, 3 Canaries, {what}: ready after ([\d.]+) s, "
            r"all looked at and quiet after ([\d.]+) s with (\d+) requests"
        )
        ready, quiet, requests = numbers(start, text)
        assert 0 < ready <= quiet
        # Each ConfigMap and its copy is read once, after the lists.
        assert requests > 2 * 3
        cpu = rf"start-up, 3 Canaries, {what}: ([\d.]+) s of CPU time, (\d+) x python -c pass"
        assert all(number > 0 for number in numbers(cpu, text))
    memory = r"memory: (\d+) MB with 3 idle Canaries, (\d+) MB with 1: -?(\d+) kB for each Canary"
    assert numbers(memory, text)[:2] > [10, 10]
    # docs/design.md, goal 4: no API request while nothing changes.
    rest = r"at rest, 3 Canaries: (\d+) requests and ([\d.]+) s of CPU time in 1 s"
    assert numbers(rest, text)[0] == 0


def test_progressing_canaries() -> None:
    """Two Canaries with three steps, of which the last two can be late."""
    plan = Plan(steps=3, interval=1.0, settle=0.1, drain=0.1)
    text = "\n".join(rollout_figures(4, 2, plan, ("-interval-floor=1s",)))
    lag = (
        r"step lag, 4 Canaries, 2 progressing at 1 s, changed {}: "
        r"p50 (\d+) ms, p95 (\d+) ms, p99 (\d+) ms, max (\d+) ms \((\d+) steps\)"
    )
    for when in ("within 1.1 s", "at once"):
        *lags, count = numbers(lag.format(re.escape(when)), text)
        assert lags == sorted(lags)
        assert count == 2 * 2
    step = (
        r"a step: ([\d.]+) ms of CPU time, ([\d.]+) x python -c pass, ([\d.]+) requests "
        r"\((\d+) steps in (\d+) s; the sandbox's API server used ([\d.]+) ms for each\)"
    )
    assert numbers(step, text)[3] >= 1


def test_an_unknown_figure_is_refused_before_anything_runs(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["rollouts"])
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "no figure is called rollouts" in streams.err


def test_more_rollouts_than_canaries_are_refused() -> None:
    with pytest.raises(ValueError, match="3 of 5 Canaries can't progress twice"):
        next(rollout_figures(5, 3, Plan()))


def test_waiting_in_vain_says_for_what() -> None:
    with pytest.raises(Stalled, match="no rain within 0 s"):
        until(lambda: False, "rain", limit=0.0)


@pytest.mark.live
def test_the_sandbox_is_measured_with_all_its_processes(capsys: pytest.CaptureFixture) -> None:
    assert main(["sandbox", "--repeat", "1"]) == 0
    text = capsys.readouterr().out
    numbers(r"canary sandbox: ready after ([\d.]+) s \(most: ([\d.]+) s\)", text)
    parts = r"Envoy (\d+) MB, Prometheus (\d+) MB, pods (\d+) MB"
    memory = rf"canary sandbox: (\d+) MB of memory \(the rest (\d+) MB, {parts}\)"
    whole, *each = numbers(memory, text)
    assert whole == pytest.approx(sum(each), abs=3)
    assert min(each) > 1
