"""Matches and ladders as pages and tables, and compared with each other."""
