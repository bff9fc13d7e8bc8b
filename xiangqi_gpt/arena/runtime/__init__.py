"""How long work is shared out and kept: worker processes, a cluster, a journal, a lock."""
