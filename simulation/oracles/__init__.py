"""Who judges a run. Nothing here knows how the engine decides: only what the cluster held, what the
engine was told, and what it wrote."""
