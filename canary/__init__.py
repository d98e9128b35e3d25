"""A progressive delivery engine for Kubernetes, a drop-in for ``flagger.app/v1beta1``."""

__version__ = "0.1.0"
