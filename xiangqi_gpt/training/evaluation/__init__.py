"""How good a model is: metrics on held-out games, baselines, probes."""
