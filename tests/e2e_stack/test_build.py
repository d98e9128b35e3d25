"""The recipes, the cache and its promise: a piece is whole or absent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from e2e.stack.build import build
from e2e.stack.cache import Cache, cache_folder
from e2e.stack.gomodules import go_mod, stand_in
from e2e.stack.versions import (
    CONTROL_PLANE,
    ENVOY,
    ETCD,
    FEATURES,
    FLUX,
    TRAEFIK,
    fingerprint,
    pieces,
)

UPSTREAM = """\
module k8s.io/kubernetes

replace (
\tk8s.io/api => ./staging/src/k8s.io/api
\tk8s.io/client-go => ./staging/src/k8s.io/client-go
\texample.com/other => ../other
)
"""


def test_staging_modules_are_replaced_by_their_release() -> None:
    text = go_mod(replace(CONTROL_PLANE, staging="v0.36.3"), UPSTREAM)
    assert "replace k8s.io/api => k8s.io/api v0.36.3\n" in text
    assert "replace k8s.io/client-go => k8s.io/client-go v0.36.3\n" in text
    assert "example.com" not in text


def test_a_modules_own_replace_lines_are_repeated() -> None:
    text = go_mod(FLUX[0], "")
    new = "github.com/fluxcd/pkg/artifact v0.18.1"
    assert f"replace github.com/fluxcd/pkg/artifact => {new}\n" in text


def test_an_unpublished_module_is_replaced_by_its_stand_in_and_excludes_are_repeated() -> None:
    lines = go_mod(TRAEFIK, "").splitlines()
    module = "github.com/traefik/traefik/dynamic/ext"
    assert f"replace {module} => ./{stand_in(module)}" in lines
    assert "exclude github.com/tencentcloud/tencentcloud-sdk-go v3.0.83+incompatible" in lines


def test_a_trimmed_module_is_replaced_by_its_copy() -> None:
    lines = go_mod(TRAEFIK, "").splitlines()
    assert "replace github.com/go-acme/lego/v4 => ./github.com-go-acme-lego-v4" in lines


def test_the_cache_follows_xdg() -> None:
    assert cache_folder({"XDG_CACHE_HOME": "/x"}) == Path("/x/canary-engine/e2e")
    assert cache_folder({}) == Path("~/.cache/canary-engine/e2e").expanduser()


def test_another_version_or_recipe_is_another_folder() -> None:
    names = {
        fingerprint(ETCD),
        fingerprint(replace(ETCD, version="v3.6.17")),
        fingerprint(replace(ETCD, ldflags="-X a=b")),
    }
    assert len(names) == 3


def test_a_piece_appears_only_whole(tmp_path: Path) -> None:
    cache = Cache(tmp_path)

    def half() -> None:
        with cache.filling(ETCD) as work:
            (work / "bin" / "etcd").write_text("half of it")
            assert not cache.has(ETCD)
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        half()
    assert not cache.has(ETCD)
    assert list(tmp_path.iterdir()) == []
    with cache.filling(ETCD) as work:
        (work / "bin" / "etcd").write_text("all of it")
    assert cache.has(ETCD)
    assert cache.binary(ETCD, "etcd").read_text() == "all of it"


def test_what_a_killed_build_left_is_swept_and_pieces_stay(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    with cache.filling(ETCD):
        pass
    left = tmp_path / ".kubernetes-abc123"
    left.mkdir()
    with cache.locked(pytest.fail):
        cache.sweep()
    assert not left.exists()
    assert cache.has(ETCD)


def test_features_add_their_pieces_once() -> None:
    base = pieces(frozenset())
    assert base == FEATURES["base"]
    both = pieces(frozenset({"contour", "istiod"}))
    assert both.count(ENVOY) == 1
    assert all(piece in both for piece in base) and len(both) > len(base)


def test_a_build_of_what_is_there_waits_for_nobody(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    with cache.filling(ETCD):
        pass
    assert build(cache, [ETCD], pytest.fail) == 0
    assert not (tmp_path / "lock").exists(), "it would wait for a build of something else"


def test_a_second_build_says_that_it_waits(tmp_path: Path) -> None:
    cache = Cache(tmp_path)

    def heard(line: str) -> None:
        assert line == "another build is under way: waiting for it"
        raise InterruptedError

    with cache.locked(pytest.fail), pytest.raises(InterruptedError), cache.locked(heard):
        pass
