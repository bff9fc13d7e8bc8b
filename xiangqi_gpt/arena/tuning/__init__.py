"""Options of a player tuned by games: SPSA, its journal, and the page of its path."""
