"""From any number of files, folders and archives to one clean corpus."""
