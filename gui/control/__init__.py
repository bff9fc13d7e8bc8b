"""What happens when a person asks for something: the controller, the modes, and their calls to the players."""
