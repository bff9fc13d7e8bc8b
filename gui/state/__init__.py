"""What the window shows and remembers, without pygame: sessions, studies, settings, and what a person can ask for."""
