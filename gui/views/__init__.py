"""What is drawn of the state: the board, the panels, lists and graphs."""
