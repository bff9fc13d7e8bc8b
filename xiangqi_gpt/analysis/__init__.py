"""A game seen by a model: how likely each move was, what it surprised by, what it cost; and reports of it.

The modules that need torch are imported by who uses them: ``moves`` (``analyse_game``) and ``whole_game``.
"""
