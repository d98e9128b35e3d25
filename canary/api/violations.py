"""Specs that the schema lets through and that can't be run at all."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.models import TemplateRef
from canary.api.canary import Canary
from canary.api.engine_spec import CanaryRef
from canary.api.hooks import ProviderRef
from canary.api.spec import CanarySpec
from providers.models import UpstreamRef

_HIGHEST_PORT = 65535


def violations(canary: Canary, no_cross_namespace_refs: bool) -> tuple[str, ...]:
    """Why this spec can't be run, in Flagger's words where Flagger has any.

    ``no_cross_namespace_refs``: templates, alert providers, upstreams and Canaries that are
    referred to must be in the Canary's own namespace.
    """
    spec = canary.spec
    return (
        *(_foreign(spec, canary.metadata.namespace) if no_cross_namespace_refs else ()),
        *_knative(spec),
        *_cookies(spec),
        *_ports(spec),
        *_stays(spec),
    )


def _foreign(spec: CanarySpec, own: str) -> Iterator[str]:
    refs: list[tuple[str, UpstreamRef | TemplateRef | ProviderRef | CanaryRef | None]] = [
        ("gloo upstream", spec.upstream_ref),
        *(("metric template", metric.template_ref) for metric in spec.analysis.metrics or ()),
        *(("alert provider", alert.provider_ref) for alert in spec.analysis.alerts or ()),
        *(("canary", ref) for ref in spec.effective_engine.depends_on or ()),
    ]
    for what, ref in refs:
        if ref and ref.namespace and ref.namespace != own:
            yield (
                f"can't access {what} {ref.name}.{ref.namespace}, "
                "cross-namespace references are blocked"
            )


def _knative(spec: CanarySpec) -> Iterator[str]:
    target = spec.target_ref
    if target.is_knative and spec.provider != "knative":
        yield f"can't use {spec.provider or ''} provider with Knative Service as target"
    if spec.provider == "knative" and not target.is_knative:
        yield (
            f"can't use {target.api_version}/{target.kind} as target if provider is set to knative"
        )
    if target.is_knative and spec.autoscaler_ref:
        yield "can't use autoscaler with Knative Service"


def _cookies(spec: CanarySpec) -> Iterator[str]:
    cookies = spec.analysis.session_affinity
    if cookies and cookies.cookie_name == (cookies.primary_cookie_name or ""):
        yield (
            "can't use the same cookie name for both primary and cookie name; "
            "please update them to be different"
        )


def _ports(spec: CanarySpec) -> Iterator[str]:
    """Ours: Flagger leaves it to the API server, which refuses the generated Services."""
    service = spec.service
    if service is None:
        if spec.provider != "knative":
            yield "spec.service is missing: the generated Services need its port"
        return
    if not 1 <= service.port <= _HIGHEST_PORT:
        yield f"spec.service.port: {service.port} must be from 1 to {_HIGHEST_PORT}"
    target = service.target_port
    if isinstance(target, int) and not 0 <= target <= _HIGHEST_PORT:
        yield f"spec.service.targetPort: {target} must be from 1 to {_HIGHEST_PORT}, or a name"


def _stays(spec: CanarySpec) -> Iterator[str]:
    """Ours: what ``engine.steps`` can't stand beside; the CRD asks for the first of it too."""
    analysis, at = spec.analysis, "spec.analysis.engine.steps"
    others = {
        "stepWeight": analysis.step_weight,
        "stepWeights": analysis.step_weights,
        "iterations": analysis.iterations,
    }
    for index, stay in enumerate(analysis.stays):
        if index == 0:
            for name, value in others.items():
                if value is not None:
                    yield f"{at} can't stand beside spec.analysis.{name}: remove one of them"
        if stay.replicas is None:
            continue
        field = f"{at}[{index}].replicas: {stay.replicas}"
        if spec.autoscaler_ref:
            yield f"{field} can't stand beside spec.autoscalerRef, which decides: remove one"
        elif spec.target_ref.kind != "Deployment":
            yield f"{field} means nothing with a {spec.target_ref.kind}: accepted for a Deployment"
