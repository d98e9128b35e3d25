"""A real control plane, gateways and metrics without containers, for end-to-end tests."""
