"""Mutants: the engine with one thing broken. Each has to be caught, or shown to change nothing."""
