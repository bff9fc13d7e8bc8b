"""The cards over the window that ask one thing."""
