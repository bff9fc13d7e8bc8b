"""Other ways to train: fine-tuning, compression, learning one batch by heart."""
