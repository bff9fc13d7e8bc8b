"""Evaluating a model without PyTorch: configuration, vocabulary, encoding, model folder, and the network in numpy."""
