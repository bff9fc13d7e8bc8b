"""The model: vocabulary, the GPT, how positions become its input, and checkpoints."""
