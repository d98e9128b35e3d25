"""The commands for people, each declared once.

Nothing heavy is imported here: a command's module is loaded when it runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from canary.cli.declaration import Argument, Option, PeopleCommand
from canary.cli.notes import COMPLETION_NOTES, INSTALL_NOTES, TAKEOVER_NOTES, WAIT_NOTES
from canary.cli.steering import steering

NAMESPACE: Final = Option(("-n", "--namespace"), "namespace; default: the context's", "NAME")
ALL: Final = Option(("-A", "--all-namespaces"), "all namespaces")
CONTEXT: Final = Option(
    ("--context",), "context of the kubeconfig; default: the current one", "NAME"
)
KUBECONFIG: Final = Option(
    ("--kubeconfig",), "kubeconfig file; default: $KUBECONFIG, then ~/.kube/config", "FILE"
)
WATCH: Final = Option(("-w", "--watch"), "go on, and show every change")
SELECTOR: Final = Option(("-l", "--selector"), "only those with these labels: a=b,c!=d", "LABELS")
_ACCESS: Final = (NAMESPACE, CONTEXT, KUBECONFIG)


def _output(*forms: str) -> Option:
    return Option(("-o", "--output"), f"form: {', '.join(forms)}", "FORM", forms)


_ONE: Final = Argument("NAME", "name of the Canary")

PEOPLE: Final[Mapping[str, PeopleCommand]] = {
    "get": PeopleCommand(
        "list Canaries: status, weight, step, reason, and what comes next",
        "canary.cli.get",
        (
            "{program} get",
            "{program} get -A -o wide",
            "{program} get podinfo -n test -o yaml",
            "{program} get -l team=shop --watch",
        ),
        (*_ACCESS, ALL, SELECTOR, _output("json", "yaml", "wide", "name"), WATCH),
        Argument("NAME", "names of Canaries; default: all", "*"),
    ),
    "status": PeopleCommand(
        "show one Canary whole: target, primary, route, metrics, problems",
        "canary.cli.status",
        (
            "{program} status podinfo -n test",
            "{program} status podinfo -n test --watch",
            "{program} status podinfo -n test -o json",
        ),
        (*_ACCESS, _output("json", "yaml"), WATCH),
        _ONE,
        notes="Works for a Canary that Flagger runs, too, as far as its status tells.",
    ),
    "events": PeopleCommand(
        "list the events of Canaries in the order of time",
        "canary.cli.events",
        (
            "{program} events podinfo -n test",
            "{program} events -A",
            "{program} events podinfo -n test --watch",
        ),
        (*_ACCESS, ALL, _output("json", "yaml"), WATCH),
        Argument("NAME", "name of the Canary; default: all Canaries", "?"),
    ),
    "wait": PeopleCommand(
        "wait for the end of a rollout; the exit code tells how it ended",
        "canary.cli.wait",
        (
            "{program} wait podinfo -n test",
            "{program} wait podinfo -n test --for promoted --timeout 45m",
            "{program} wait podinfo -n test --for idle && deploy-the-next-one",
        ),
        (
            *_ACCESS,
            Option(
                ("--for",),
                "promoted, failed or idle (at rest, however it ended); default: promoted",
                "OUTCOME",
                ("promoted", "failed", "idle"),
                "promoted",
            ),
            Option(
                ("--timeout",),
                "longest wait, such as 90s or 1h; 0 looks once; default: 30m",
                "DURATION",
                default="30m",
            ),
        ),
        _ONE,
        notes=WAIT_NOTES,
        trouble=5,
    ),
    **steering(_ACCESS),
    "takeover": PeopleCommand(
        "tell what would become of each Canary that Flagger runs now",
        "canary.cli.takeover",
        (
            "{program} takeover --check -A",
            "{program} takeover --check podinfo -n test",
            "{program} takeover --check -A --flag mesh-provider=gatewayapi:v1 -o json",
        ),
        (
            *_ACCESS,
            ALL,
            Option(("--check",), "look only; the takeover itself is done by starting the engine"),
            Option(
                ("--flag",),
                "a flag that the engine will be run with; may be repeated",
                "NAME=VALUE",
                several=True,
            ),
            _output("json", "yaml"),
        ),
        Argument("NAME", "names of Canaries; default: all", "*"),
        notes=TAKEOVER_NOTES,
        trouble=5,
    ),
    "providers": PeopleCommand(
        "list the installed traffic providers, their kinds and capabilities",
        "canary.cli.providers",
        ("{program} providers", "{program} providers -o json"),
        (_output("json", "yaml", "name"),),
        cluster=False,
    ),
    "crds": PeopleCommand(
        "print the CustomResourceDefinitions",
        "canary.cli.crds",
        ("{program} crds | kubectl apply --server-side -f -",),
        cluster=False,
    ),
    "install": PeopleCommand(
        "print all manifests that run the engine in a cluster",
        "canary.cli.install",
        (
            "{program} install --image IMAGE | kubectl apply --server-side -f -",
            "{program} install --image IMAGE --mesh-provider gatewayapi:v1 "
            "--metrics-server http://prometheus.monitoring:9090",
            "{program} install --image IMAGE --watch-namespace shop --watch-namespace billing",
        ),
        (
            Option(("--image",), "container image of the engine", "IMAGE", required=True),
            Option(
                ("-n", "--namespace"),
                "namespace of the engine; default: canary-engine",
                "NAME",
                default="canary-engine",
            ),
            Option(
                ("--mesh-provider",),
                "traffic provider of Canaries that name none; default: istio",
                "NAME",
                default="istio",
            ),
            Option(
                ("--metrics-server",),
                "Prometheus of built-in metrics; default: http://prometheus:9090",
                "URL",
                default="http://prometheus:9090",
            ),
            Option(
                ("--watch-namespace",),
                "watch this namespace only, with permissions there only; may be repeated",
                "NAME",
                several=True,
            ),
        ),
        cluster=False,
        notes=INSTALL_NOTES,
    ),
    "completion": PeopleCommand(
        "print a script for shell completion",
        "canary.cli.completion",
        ("{program} completion bash",),
        argument=Argument("SHELL", "shell", choices=("bash", "zsh", "fish", "kubectl")),
        cluster=False,
        notes=COMPLETION_NOTES,
    ),
}
