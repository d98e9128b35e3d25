"""This engine and Flagger 1.44, one after the other on the same control plane."""
