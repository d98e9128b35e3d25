"""A deterministic simulator: the real controller in a simulated cluster, under planned faults.

``python -m simulation`` says what it can do; ``docs/simulation.md`` what it proves.
"""
