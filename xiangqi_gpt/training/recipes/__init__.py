"""Other ways to train: fine-tuning, updates, compression, speedruns, learning one batch by heart."""
