"""The training store: a corpus as memory-mapped arrays."""
