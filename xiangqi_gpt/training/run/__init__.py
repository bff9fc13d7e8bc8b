"""A training run from its settings to its model card."""
