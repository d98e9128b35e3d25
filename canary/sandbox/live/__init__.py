"""The sandbox with real traffic: applications, Envoy, Prometheus and load as real processes."""
