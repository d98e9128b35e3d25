"""Recordings of the real Flagger 1.44, made by ourselves: ``python -m e2e.record``."""
