"""What is learned from: batches of games, and how engine scores become targets."""
