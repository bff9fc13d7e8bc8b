"""What scores say about strength: Elo, ratings, the sequential probability ratio test."""
