"""The stage on which whole rollouts are tested: a cluster in process under virtual time."""
