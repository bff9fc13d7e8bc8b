"""The command line: one file a subcommand. Each parses its arguments first and imports heavy libraries after."""
