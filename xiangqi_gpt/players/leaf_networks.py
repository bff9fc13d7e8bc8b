"""Which network evaluates the leaves of a model's trees."""

from __future__ import annotations

from xiangqi_gpt.inference.leaf_network import LeafNetwork
from xiangqi_gpt.inference.weights import assemble, is_served
from xiangqi_gpt.model.gpt import Gpt

from .leaf_evaluator import AnyLeafNetwork
from .torch_leaf_network import TorchLeafNetwork


def leaf_network(model: Gpt) -> AnyLeafNetwork:
    """Return the network without PyTorch for the bodies and tokenizers that it knows, else the one of PyTorch."""
    if not is_served(model.config):
        return TorchLeafNetwork(model)
    tensors = {name: parameter.detach().float().cpu().numpy() for name, parameter in model.named_parameters()}
    return LeafNetwork(assemble(model.config, tensors))
