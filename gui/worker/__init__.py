"""The process in which players think, and the messages to it and back."""
