"""Shell completion: what a word may go on to, and the scripts that ask for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from people_loopback import canary, cluster, environment, ran, unreachable

from canary.cli.candidates import candidates

OTHERS = {"run": "run the engine"}


def completed(*words: str, **environ: str) -> list[str]:
    done = canary("__complete", *words, **environ)
    assert done.returncode == 0 and done.stderr == ""
    return [line.partition("\t")[0] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["wa"], ["wait"]),
        (["ev"], ["events"]),
        (["crd", ""], []),
        (["get", "--n"], ["--namespace"]),
        (["get", "-o", ""], ["json", "yaml", "wide", "name"]),
        (["get", "-o", "j"], ["json"]),
        (["wait", "a", "--for", "p"], ["promoted"]),
        (["completion", ""], ["bash", "zsh", "fish", "kubectl"]),
        (["run", "-mesh"], ["-mesh-provider"]),
        (["install", "--image", ""], []),
        (["providers", ""], []),
        # Without a cluster there are no names, and no complaint either.
        (["status", ""], []),
    ],
)
def test_candidates(words: list[str], found: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", environment())
    assert [value for value, _ in candidates(words, OTHERS)] == found


def test_all_commands_and_what_they_mean() -> None:
    done = canary("__complete", "")
    rows = dict(line.split("\t") for line in done.stdout.splitlines())
    assert {"get", "status", "wait", "run", "version"} <= set(rows)
    assert all(rows.values())


def test_contexts_come_from_the_kubeconfig(tmp_path: Path) -> None:
    file = unreachable(tmp_path)
    assert completed("get", "--context", "", KUBECONFIG=file) == ["here", "nowhere", "stranger"]
    assert completed("get", "--kubeconfig", file, "--context", "h") == ["here"]
    assert completed("get", "", KUBECONFIG=file) == []


@pytest.mark.asyncio
async def test_names_come_from_the_cluster(tmp_path: Path) -> None:
    async with cluster(tmp_path) as environ:
        for words in (("--context", "here", ""), ("-n", "test", "--context=here", "-w", "po")):
            done = await ran("__complete", "status", *words, **environ)
            assert (done.returncode, done.stdout) == (0, "podinfo\n")
        done = await ran("__complete", "get", "-n", "default", "--context", "here", "", **environ)
        assert done.stdout == ""


def shell(command: list[str], script: str) -> str:
    done = subprocess.run(
        [*command, script], env=environment(), capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    return done.stdout


FUNCTION = f"canary() {{ '{sys.executable}' -m canary.cli.main \"$@\"; }}\n"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("canary st", "status\n"),
        ("canary wait x --for id", "idle\n"),
        ("canary get --all", "--all-namespaces\n"),
    ],
)
def test_bash_completes(words: str, found: str) -> None:
    script = canary("completion", "bash").stdout
    ask = (
        f"{FUNCTION}{script}\nCOMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n"
        '_canary; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    assert shell(["bash", "-c"], ask) == found


def test_bash_keeps_an_empty_word() -> None:
    script = canary("completion", "bash").stdout
    ask = (
        f"{FUNCTION}{script}\nCOMP_WORDS=(canary completion ''); COMP_CWORD=2\n"
        '_canary; printf "%s " "${COMPREPLY[@]}"'
    )
    assert shell(["bash", "-c"], ask) == "bash zsh fish kubectl "


def test_kubectl_gets_its_directive(tmp_path: Path) -> None:
    # kubectl reads candidates up to a line ":N"; 4 is cobra's ShellCompDirectiveNoFileComp.
    script = tmp_path / "kubectl_complete-canary"
    script.write_text(canary("completion", "kubectl").stdout)
    (tmp_path / "canary").write_text(
        f"#!/bin/sh\nexec '{sys.executable}' -m canary.cli.main \"$@\""
    )
    for file in tmp_path.iterdir():
        file.chmod(0o755)
    path = f"{tmp_path}:{environment()['PATH']}"
    done = subprocess.run(
        [script, "get", "-o", "w"],
        env=environment(PATH=path),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "wide\n:4\n"


@pytest.mark.parametrize("name", ["bash", "zsh", "fish", "kubectl"])
def test_a_script_is_one_that_its_shell_reads(name: str) -> None:
    program = {"kubectl": "sh"}.get(name, name)
    text = canary("completion", name).stdout
    assert "canary __complete" in text
    if shutil.which(program):
        subprocess.run([program, "-n"], input=text, text=True, check=True, timeout=60)
