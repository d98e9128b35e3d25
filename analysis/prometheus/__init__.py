"""Prometheus, and whatever speaks its query API.

prometheus-api-client isn't used here: it blocks its thread, and hundreds of canaries share one.
"""

from analysis.prometheus.source import SOURCE

__all__ = ["SOURCE"]
