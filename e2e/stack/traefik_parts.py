"""Parts of Traefik that no Ingress needs: without them it takes half the time to build.

Its ACME client knows some 180 DNS providers, with the SDKs of all clouds, and its provider for
Amazon's ECS takes the largest of them along.
"""

from __future__ import annotations

from collections.abc import Mapping

_DNS = """\
package dns

import (
	"fmt"

	"github.com/go-acme/lego/v4/challenge"
)

func NewDNSChallengeProviderByName(name string) (challenge.Provider, error) {
	return nil, fmt.Errorf("DNS provider %s: this Traefik was built without any", name)
}
"""
_ECS = """\
package ecs

import (
	"errors"

	"github.com/traefik/traefik/v3/pkg/config/dynamic"
	"github.com/traefik/traefik/v3/pkg/safe"
)

const ProviderName = "ecs"

type Provider struct{}

func (p *Provider) SetDefaults() {}

func (p *Provider) Init() error { return errors.New("this Traefik was built without ECS") }

func (p *Provider) Provide(chan<- dynamic.Message, *safe.Pool) error { return nil }
"""
_NOTHING = "package ecs\n"

UNUSED: Mapping[str, Mapping[str, str]] = {
    "github.com/go-acme/lego/v4@v4.35.2": {"providers/dns/zz_gen_dns_providers.go": _DNS},
    "github.com/traefik/traefik/v3@v3.7.5": {
        "pkg/provider/ecs/ecs.go": _ECS,
        "pkg/provider/ecs/config.go": _NOTHING,
        "pkg/provider/ecs/label.go": _NOTHING,
    },
}
"""Files that have other contents here, by module and path (``GoModuleTrimmed``)."""
