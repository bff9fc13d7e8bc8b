"""Games between two players: rules, clocks, start positions, results and the file they are kept in."""
