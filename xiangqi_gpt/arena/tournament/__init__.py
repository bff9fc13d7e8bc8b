"""Matches of many players, in processes or on a cluster, and their standings."""
