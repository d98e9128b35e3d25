"""End-to-end tests and the real cluster that they run on."""
