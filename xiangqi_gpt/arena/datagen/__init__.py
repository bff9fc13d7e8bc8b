"""Data to learn from: generated games, engine labels, new puzzles."""
