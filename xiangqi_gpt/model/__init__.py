"""The GPT in PyTorch: to train it, to evaluate it on a GPU, and as the reference of `inference`."""
