"""A game seen by a model: how likely each move was, what it surprised by, what it cost; and reports of it."""
