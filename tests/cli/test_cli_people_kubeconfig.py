"""Which cluster and namespace are meant: kubectl's rules."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from canary.cli.failure import CommandFailed
from canary.cli.kubeconfig import contexts, locate

HERE = {"here": "", "shop": "shop"}


def write(path: Path, named: dict[str, str], current: str | None) -> str:
    """A kubeconfig with these contexts and their namespaces."""
    config: dict[str, Any] = {
        "contexts": [
            {"name": name, "context": {"cluster": "c", **({"namespace": ns} if ns else {})}}
            for name, ns in named.items()
        ]
    }
    if current is not None:
        config["current-context"] = current
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return str(path)


def test_the_current_context_counts_and_default_is_its_namespace(tmp_path: Path) -> None:
    found = locate(write(tmp_path / "a", HERE, "here"), "", {})
    assert (found.context, found.namespace) == ("here", "default")


def test_another_context_brings_its_namespace(tmp_path: Path) -> None:
    found = locate(write(tmp_path / "a", HERE, "here"), "shop", {})
    assert (found.context, found.namespace) == ("shop", "shop")


def test_the_option_wins_over_the_variable_and_that_over_the_home(tmp_path: Path) -> None:
    home = write(tmp_path / "home" / ".kube" / "config", HERE, "here")
    listed, given = write(tmp_path / "b", HERE, "here"), write(tmp_path / "c", HERE, "here")
    environ = {"HOME": str(tmp_path / "home")}
    assert locate("", "", environ).files == (home,)
    environ["KUBECONFIG"] = listed
    assert locate("", "", environ).files == (listed,)
    assert locate(given, "", environ).files == (given,)


def test_of_several_files_the_first_to_say_something_wins(tmp_path: Path) -> None:
    # kubectl: "The first file to set a particular value or map key wins"; missing ones are skipped.
    files = [
        str(tmp_path / "missing"),
        write(tmp_path / "a", {"x": "of-a"}, None),
        write(tmp_path / "b", {"x": "of-b", "y": "of-b"}, "x"),
        write(tmp_path / "c", {"z": "of-c"}, "z"),
    ]
    environ = {"KUBECONFIG": os.pathsep.join(files)}
    found = locate("", "", environ)
    assert (found.context, found.namespace) == ("x", "of-a")
    assert found.files == tuple(files[1:])
    assert locate("", "z", environ).namespace == "of-c"
    assert contexts("", environ) == ["x", "y", "z"]


@pytest.mark.parametrize(
    ("text", "context", "named"),
    [
        ("contexts: []", "", "no current context"),
        ("contexts: [{name: b}, {name: a}]\ncurrent-context: c", "", "'c'"),
        ("contexts: [{name: b}, {name: a}]", "d", "a, b"),
        ("- a list", "", "no map"),
        ("{", "", "kubeconfig"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, context: str, named: str) -> None:
    path = tmp_path / "config"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandFailed, match=named):
        locate(str(path), context, {})


def test_a_file_that_is_given_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match=r"--kubeconfig .*nothing is no file"):
        locate(str(tmp_path / "nothing"), "", {})


def test_without_a_kubeconfig_the_pod_decides(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}
    with pytest.raises(CommandFailed, match="no kubeconfig found"):
        locate("", "", environ, tmp_path)
    environ["KUBERNETES_SERVICE_HOST"] = "10.0.0.1"
    assert locate("", "", environ, tmp_path).namespace == "default"
    (tmp_path / "namespace").write_text("shop\n", encoding="utf-8")
    found = locate("", "", environ, tmp_path)
    assert (found.files, found.context, found.namespace) == ((), "", "shop")
    with pytest.raises(CommandFailed, match="--context"):
        locate("", "here", environ, tmp_path)
