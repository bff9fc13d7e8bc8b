"""A model that improves itself: it plays against itself by search, learns what the search saw, and proves it."""
