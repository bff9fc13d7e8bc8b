"""The words of the window, in Chinese and English."""
