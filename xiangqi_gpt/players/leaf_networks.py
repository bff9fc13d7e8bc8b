"""Which network evaluates the leaves of a model's trees."""

from __future__ import annotations

from xiangqi_gpt.inference.leaf_network import LeafNetwork
from xiangqi_gpt.inference.network import Network
from xiangqi_gpt.inference.numpy_network import NumpyNetwork

from .leaf_evaluator import AnyLeafNetwork


def leaf_network(network: Network) -> AnyLeafNetwork:
    """Return what evaluates leaves with the weights of a network, without PyTorch where the network does without."""
    if isinstance(network, NumpyNetwork):
        return LeafNetwork(network.weights)
    from xiangqi_gpt.model.torch_network import TorchNetwork

    from .torch_leaf_network import TorchLeafNetwork

    assert isinstance(network, TorchNetwork)
    return TorchLeafNetwork(network.gpt)
