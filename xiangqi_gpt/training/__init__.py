"""Training: what to learn from game records, and the loop that learns it."""
