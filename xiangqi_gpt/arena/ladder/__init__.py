"""One player's rating by games against reference opponents."""
