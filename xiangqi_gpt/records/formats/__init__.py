"""Every format of record files: readers, writers, and how a file's format is told."""
