"""What a model that spells its moves says of whole moves: a move's probability is the product of its characters'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from .gpt import Gpt
from .kv_cache import KvCache

_CONTROL: Final = torch.zeros(1, 2, dtype=torch.long)  # these models are told nothing of a game


@dataclass(frozen=True)
class CharacterEvaluation:
    """``logs`` (M,), the log-probabilities of the moves asked about, and ``wdl`` (3,), both fp32.

    The sum of the probabilities of all legal moves is below 1: the rest is on what is no legal move.
    """

    logs: Tensor
    wdl: Tensor


@torch.inference_mode()
def evaluate_characters(model: Gpt, played: Sequence[int], moves: Sequence[int]) -> CharacterEvaluation:
    """Evaluate ``moves`` after a game ``played`` from the usual start, both as move numbers.

    The game is read once, then all beginnings of the moves' names side by side. Raises ``ValueError`` for a game
    longer than the model can look back on.
    """
    spelling = model.config.tokenizer.move_tokens
    cache, hidden = _read_game(model, played)
    names = [tuple(int(token) for token in spelling[move]) for move in moves]
    beginnings = sorted({name[:length] for name in names for length in range(1, spelling.shape[1])}, key=len)
    place = {beginning: i for i, beginning in enumerate(beginnings)}
    ends = [hidden.shape[1]] * len(beginnings)
    branches = _Branches(cache, ends, [place.get(beginning[:-1], -1) for beginning in beginnings])
    tokens = torch.tensor([[beginning[-1] for beginning in beginnings]])
    states = torch.cat((hidden[0, -1:], model(tokens, _CONTROL, cache=branches)[0]))  # of the empty beginning first
    logs = model.policy_logits(states).float().log_softmax(-1)
    parts = [sum(logs[place.get(name[:i], -1) + 1, name[i]] for i in range(len(name))) for name in names]
    wdl = model.value_logits(hidden[0, -1]).softmax(-1)
    return CharacterEvaluation(torch.stack([torch.as_tensor(part) for part in parts]), wdl)


@torch.inference_mode()
def first_choices(model: Gpt, played: Sequence[int]) -> npt.NDArray[np.int64]:
    """Return (T,) the move spelled by the likeliest character, taken four times, at each ply; -1 for none."""
    tokenizer = model.config.tokenizer
    plies = len(played)
    cache, hidden = _read_game(model, played[:-1])
    states = hidden[0, :: tokenizer.tokens_per_move]  # (T, D), after each move's last character
    chosen: list[Tensor] = []
    for depth in range(tokenizer.tokens_per_move):
        chosen.append(model.policy_logits(states).argmax(-1))
        if depth == tokenizer.tokens_per_move - 1:
            break
        ends = [tokenizer.tokens_per_move * ply + 1 for ply in range(plies)] * (depth + 1)
        parents = [i - plies if i >= plies else -1 for i in range(plies * (depth + 1))]
        read = model(torch.cat(chosen)[None], _CONTROL, cache=_Branches(cache, ends, parents))
        states = read[0, -plies:]
    return tokenizer.decode(torch.stack(chosen, dim=1).flatten().numpy())


def _read_game(model: Gpt, played: Sequence[int]) -> tuple[KvCache, Tensor]:
    """The keys and values of a game, and the hidden states (1, 4 T + 1, D)."""
    tokenizer = model.config.tokenizer
    tokens = np.concatenate(([tokenizer.starts[0]], tokenizer.encode(np.array(played, np.int64))))
    if len(tokens) > model.config.positions:
        raise ValueError(f"the model can follow a game for {model.config.context} plies, this one has {len(played)}")
    cache = KvCache(model.config)
    return cache, model(torch.from_numpy(tokens)[None], _CONTROL, cache=cache.extend([0], [0], len(tokens)))


class _Branches:
    """Continuations of one cached game side by side; nothing is added to the cache.

    Token i sees the first ``ends[i]`` tokens of the game, its parent, the parent's parents, and itself. Parents come
    first; -1 is none.
    """

    def __init__(self, cache: KvCache, ends: list[int], parents: list[int]) -> None:
        self._cache, count = cache, len(parents)
        self._length = max(ends, default=0)
        own = torch.eye(count, dtype=torch.bool)
        depth = [0] * count
        for i, parent in enumerate(parents):
            if parent >= 0:
                own[i] |= own[parent]
                depth[i] = depth[parent] + 1
        game = torch.arange(self._length) < torch.tensor(ends)[:, None]
        self._mask = torch.cat((game, own), dim=1)
        self._positions = (torch.tensor(ends) + torch.tensor(depth))[None]

    @property
    def positions(self) -> Tensor:
        """(1, N) the number of each token in its game."""
        return self._positions

    def attend(self, layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Return attention (1, H, N, D/H) of the tokens to the game and to their own line."""
        kept = self._cache.store[layer][:, :1, :, : self._length].to(k.dtype)
        keys, values = torch.cat((kept[0], k), dim=2), torch.cat((kept[1], v), dim=2)
        return F.scaled_dot_product_attention(q, keys, values, self._mask)
