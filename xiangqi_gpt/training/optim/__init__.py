"""What is minimised, and by which optimizer."""
