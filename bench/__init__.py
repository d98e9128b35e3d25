"""Measurements of the real process, ``canary run``, against the sandbox's API server over HTTP.

``python -m bench`` prints the figures of ``docs/benchmarks.md``. The sandbox runs in a process of
its own, so that what is measured is the engine alone. Needs Linux: CPU time and memory come from
``/proc``.
"""
