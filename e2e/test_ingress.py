"""The provider nginx under traffic: Traefik reads the annotations of its canary Ingress."""

from __future__ import annotations

from e2e.app import App
from e2e.farewell import REVERTING, deleted
from e2e.manifests import NAME, ingress
from e2e.marked import marked
from e2e.scene import Scene
from e2e.suite import scenario
from e2e.test_main_job import main_job

MATCH = [
    {"headers": {"x-insider": {"exact": "yes"}}},
    {"headers": {"cookie": {"exact": "insider"}}},
]


@scenario("traefik", long=True)
async def test_nginx(scene: Scene) -> None:
    """The main job by weights; deleted at 20 %, a Canary leaves all users with its target, which
    runs what was promoted again."""
    app = App(scene, "nginx")
    await scene.apply(ingress(app.host))
    users = await main_job(app, spec=REVERTING)
    # A change of the user's own Ingress reaches its copy.
    await scene.patch(app.routes.resource, NAME, {"metadata": {"labels": {"team": "a"}}})

    def copied() -> bool:
        copy = app.routes.get(app.route_name) or {}
        return bool((copy.get("metadata", {}).get("labels") or {}).get("team") == "a")

    await app.routes.until(copied, "label of the copy", 60.0)
    await app.set_image("shop:1.3.0")
    await users.meets("1.3.0")
    await deleted(app, [users], "1.1.0")


@scenario("traefik")
async def test_nginx_match(scene: Scene) -> None:
    """A/B testing: who sends the header or the cookie gets the new revision, and nobody else."""
    app = App(scene, "nginx")
    await scene.apply(ingress(app.host))
    yes = ("X-Insider: yes", "Cookie: insider=always")
    no = ("X-Insider: no", "Cookie: insider=never")
    await marked(app, MATCH, yes, no)
