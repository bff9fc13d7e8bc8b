"""The GPT: a causal transformer that reads a game and predicts the next move and the result.

A token is a move (or one of its four characters) or the start of the game, and, with input features, what the position
offers. Body: pre-norm decoder with RoPE, QK-norm and squared ReLU, no biases; or, for comparison, GPT-2's with learned
positions, GELU and biases. Shapes: B games, T tokens, D width, H heads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xiangqi_gpt.inference.config import GptConfig
from xiangqi_gpt.inference.encoding import PositionFeatures
from xiangqi_gpt.inference.vocabulary import VOCABULARY_SIZE
from xiangqi_gpt.rules.moves import MOVE_COUNT, MOVE_FROM, MOVE_TO
from xiangqi_gpt.rules.position_features import CANDIDATE_FEATURES, FEATURE_COUNT

from .attention import Packing, Rope, packed_attention, rotate
from .fused import legal_scores, squared_relu_layer


@dataclass
class FeatureBags:
    """Bags of position features: ``features`` (M,) int64, ``offsets`` (B*T,) int64 start of each ply's bag."""

    features: Tensor
    offsets: Tensor

    @classmethod
    def of(cls, positions: PositionFeatures, lengths: npt.NDArray[np.int64], width: int) -> FeatureBags:
        """Return positions as bags of B sequences of ``lengths`` (B,), each padded with empty bags to ``width``."""
        first = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        place = np.minimum(np.arange(width)[None, :], lengths[:, None]) + first[:, None]
        return cls(torch.from_numpy(positions.features), torch.from_numpy(positions.starts[place].ravel()))


class CacheView(Protocol):
    """What the tokens of a forward pass go on from."""

    @property
    def positions(self) -> Tensor:
        """(B, T) int64: the number of each token in its game."""
        ...

    def attend(self, layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Return attention of the tokens to what came before and to themselves; all (B, H, T, D/H)."""
        ...


def _norm(x: Tensor) -> Tensor:
    # Without gain and bias, and with the mean taken out: one fused kernel on every device, RMSNorm is five.
    return F.layer_norm(x, (x.shape[-1],))


class FactoredMoves(nn.Module):
    """One vector a token: for moves, from-square + to-square + a term of the move's own that starts at zero."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.source = nn.Parameter(torch.empty(90, width))
        self.target = nn.Parameter(torch.empty(90, width))
        self.residual_emb = nn.Parameter(torch.empty(VOCABULARY_SIZE, width))
        self.register_buffer("move_from", torch.from_numpy(MOVE_FROM.astype("int64")), persistent=False)
        self.register_buffer("move_to", torch.from_numpy(MOVE_TO.astype("int64")), persistent=False)
        self._kept = torch.empty(0)
        self._kept_state: tuple[object, ...] = ()

    def table(self) -> Tensor:
        """Return (vocabulary, D): the vector of every token."""
        if torch.is_grad_enabled():
            return self._sum()
        parameters = (self.source, self.target, self.residual_emb)
        state = tuple((p.data_ptr(), p._version, p.dtype) for p in parameters)
        if state != self._kept_state:  # in play the sum, a megabyte or two, would cost more than a whole layer
            self._kept, self._kept_state = self._sum(), state
        return self._kept

    def _sum(self) -> Tensor:
        moves = self.source[self.move_from] + self.target[self.move_to]  # type: ignore[index]
        return self.residual_emb + F.pad(moves, (0, 0, 0, VOCABULARY_SIZE - MOVE_COUNT))


class Characters(nn.Module):
    """One vector a symbol, of a character model."""

    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(size, width))

    def table(self) -> Tensor:
        """Return (vocabulary, D): the vector of every token."""
        return self.weight


class Attention(nn.Module):
    """Causal multi-head attention; rotary positions and normalised queries and keys unless ``rope`` is None."""

    def __init__(self, config: GptConfig) -> None:
        super().__init__()
        self.heads = config.heads
        has_bias = config.body == "gpt2"
        self.qkv = nn.Linear(config.width, 3 * config.width, bias=has_bias)
        self.out = nn.Linear(config.width, config.width, bias=has_bias)

    def forward(self, x: Tensor, rope: Rope | None, cache: CacheView | Packing | None, layer: int) -> Tensor:
        if isinstance(cache, Packing):
            return cast(Tensor, self.out(packed_attention(self.qkv(x), self.heads, rope, cache)))
        batch, length, width = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        if rope is not None:
            q, k = rotate(_norm(q), rope), rotate(_norm(k), rope)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True) if cache is None else cache.attend(layer, q, k, v)
        return cast(Tensor, self.out(y.transpose(1, 2).reshape(batch, length, width)))


class Block(nn.Module):
    """Attention and a feed-forward layer, each normalised before and added to what came in."""

    def __init__(self, config: GptConfig) -> None:
        super().__init__()
        self.is_gpt2 = config.body == "gpt2"
        self.norm1, self.norm2 = _norm_layer(config), _norm_layer(config)
        self.attention = Attention(config)
        self.up = nn.Linear(config.width, 4 * config.width, bias=self.is_gpt2)
        self.down = nn.Linear(4 * config.width, config.width, bias=self.is_gpt2)

    def forward(self, x: Tensor, rope: Rope | None, cache: CacheView | Packing | None, layer: int) -> Tensor:
        x = x + self.attention(self.norm1(x), rope, cache, layer)
        normed = self.norm2(x)
        if self.is_gpt2:
            return x + cast(Tensor, self.down(F.gelu(self.up(normed), approximate="tanh")))
        return x + squared_relu_layer(normed, self.up.weight, self.down.weight)


def _norm_layer(config: GptConfig) -> nn.LayerNorm:
    return nn.LayerNorm(config.width, elementwise_affine=config.body == "gpt2")


class Gpt(nn.Module):
    """The whole model. ``forward`` gives hidden states; ``policy_logits`` and ``value_logits`` read them."""

    def __init__(self, config: GptConfig) -> None:
        super().__init__()
        self.config = config
        self.token_emb = _token_vectors(config)
        self.feature_emb = (
            nn.EmbeddingBag(FEATURE_COUNT, config.width, mode="sum") if config.features != "none" else None
        )
        is_gpt2 = config.body == "gpt2"
        self.pos_emb = nn.Parameter(torch.empty(config.positions, config.width)) if is_gpt2 else None
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.final_norm = _norm_layer(config)
        self.policy_head = _token_vectors(config)
        has_candidates = config.features == "full"
        self.candidate_emb = nn.Parameter(torch.empty(CANDIDATE_FEATURES, config.width)) if has_candidates else None
        self.value = nn.Linear(config.width, 3, bias=False)
        self.legality_head = nn.Linear(config.width, MOVE_COUNT) if config.legal_head else None
        half = config.width // config.heads // 2
        # One more than the context has: a reply to a game that fills it.
        angles = torch.arange(config.positions + 1)[:, None] / 10_000 ** (torch.arange(half) / half)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        self.initialise()

    @torch.no_grad()
    def initialise(self) -> None:
        """Set every weight.

        ======================  ======================================================
        squares of a token      normal, 0.7
        features                normal, 0.09 (about 130 features a ply)
        own term of a token     zero for moves, normal 1.0 for controls
        qkv, up                 uniform, variance 1 / D
        out, down, heads        zero
        bias of the legality    -3.9: 2 % of the moves are legal
        gpt2: tokens, matrices  normal, 0.02; out and down divided by sqrt(2 * layers)
        gpt2: positions         normal, 0.01
        gpt2: biases            zero
        ======================  ======================================================
        """
        for table in (self.token_emb, self.policy_head):
            _initialise_vectors(table, self.config, is_head=table is self.policy_head)
        if self.feature_emb is not None:
            nn.init.normal_(self.feature_emb.weight, std=0.09)
        if self.pos_emb is not None:
            nn.init.normal_(self.pos_emb, std=0.01)
        for block in cast(list[Block], self.blocks):
            _initialise_block(block, self.config)
        for head in (self.value.weight, self.candidate_emb):
            if head is not None:
                nn.init.zeros_(head)
        if self.legality_head is not None:
            nn.init.zeros_(self.legality_head.weight)
            nn.init.constant_(self.legality_head.bias, -3.9)

    def forward(
        self,
        tokens: Tensor,
        control: Tensor,
        feature_bags: FeatureBags | None = None,
        cache: CacheView | Packing | None = None,
    ) -> Tensor:
        """Return hidden states (B, T, D), normalised.

        ``tokens`` (B, T) int64; ``control`` (B, 2) int64, the source and result tokens that are added to a game's
        first token where the tokenizer has such; ``feature_bags`` one bag a token, (B*T) of them. With ``cache`` the
        tokens go on from cached ones. With a ``Packing`` for ``past`` the B games lie one after another without
        padding: ``tokens`` is (N,), and the hidden states are (N, D).
        """
        positions = cache.positions if cache is not None else torch.arange(tokens.shape[1], device=tokens.device)[None]
        table = self.token_emb.table()
        x = F.embedding(tokens, table)
        if self.config.tokenizer.has_control:
            control_emb = F.embedding(control, table).sum(1)
            if isinstance(cache, Packing):
                x = x.index_add(0, cache.starts, control_emb)
            else:
                x = x + control_emb[:, None] * (positions == 0)[..., None]
        if self.feature_emb is not None:
            if feature_bags is None:
                raise ValueError("this model needs the input features of each position")
            x = x + cast(Tensor, self.feature_emb(feature_bags.features, feature_bags.offsets)).view_as(x)
        rope = None
        if self.pos_emb is not None:
            x = x + self.pos_emb[positions]
        else:
            x = _norm(x)
            rope = (self.cos[positions], self.sin[positions])  # type: ignore[index]
            if not isinstance(cache, Packing):
                rope = (rope[0][:, None], rope[1][:, None])  # the same for all heads
        for layer, block in enumerate(self.blocks):
            x = block(x, rope, cache, layer)
        return cast(Tensor, self.final_norm(x))

    def policy_logits(self, hidden: Tensor) -> Tensor:
        """Return (..., moves + candidate features) scores of hidden states (..., D).

        The first 2086 are the moves'; with candidate features a legal move's logit is the score of the move plus
        the scores of its features (``legal_logits``). For a character model: (..., 20), of the next character.
        A legality head has its say: to a move's score is added the log-probability that it gives to "legal".
        """
        scores = F.linear(hidden, self.policy_head.table()[:MOVE_COUNT])
        if self.legality_head is not None:
            return scores.float() + F.logsigmoid(self.legal_move_logits(hidden))
        if self.candidate_emb is None:
            return scores
        return torch.cat((scores, F.linear(hidden, self.candidate_emb)), -1)

    def unmasked_logits(self, hidden: Tensor) -> Tensor:
        """Return (..., 2086) float logits for a choice among all moves, which only the model keeps legal.

        Those of ``policy_logits``, but a legality head must be surer: its log-odds are lowered by ``legal_margin``.
        """
        scores = self.policy_logits(hidden)[..., :MOVE_COUNT].float()
        if self.legality_head is None or not self.config.legal_margin:
            return scores
        odds = self.legal_move_logits(hidden)
        return scores + F.logsigmoid(odds - self.config.legal_margin) - F.logsigmoid(odds)

    def legal_logits(self, scores: Tensor, candidates: Tensor, feature_ids: Tensor) -> Tensor:
        """Return logits (N, C) of the legal moves from ``policy_logits`` (N, ...).

        ``candidates`` (N, C) int64 move numbers, -1 where a position has fewer moves; ``feature_ids`` (N, C, S) int64
        feature numbers, 0 for none. Places without a move get -inf.
        """
        logits = scores.gather(1, candidates.clamp(min=0)).float()
        if self.candidate_emb is not None:
            flat_ids = feature_ids.flatten(1)
            extra = scores.gather(1, flat_ids + MOVE_COUNT).float()
            logits = logits + extra.masked_fill(flat_ids == 0, 0.0).view(feature_ids.shape).sum(-1)
        return logits.masked_fill(candidates < 0, -math.inf)

    def candidate_logits(self, hidden: Tensor, candidates: Tensor, feature_ids: Tensor) -> Tensor:
        """Return ``legal_logits`` of hidden states (N, D), for many positions at once: no other move is scored."""
        table = self.policy_head.table()[:MOVE_COUNT]
        places = candidates.clamp(min=0)[..., None]
        if self.candidate_emb is not None:
            table = torch.cat((table, F.pad(self.candidate_emb[1:], (0, 0, 1, 0))))  # feature 0 says nothing
            places = torch.cat((places, feature_ids + MOVE_COUNT), -1)
        return legal_scores(hidden, table, places).masked_fill(candidates < 0, -math.inf)

    def value_logits(self, hidden: Tensor) -> Tensor:
        """Return (..., 3) logits of win, draw and loss for the side to move."""
        return cast(Tensor, self.value(hidden)).float()

    def legal_move_logits(self, hidden: Tensor) -> Tensor:
        """Return (..., 2086) logits of "this move is legal". Raises ``ValueError`` without a legality head."""
        if self.legality_head is None:
            raise ValueError("this model has no legality head")
        return cast(Tensor, self.legality_head(hidden)).float()

    def parameter_count(self) -> int:
        """Return number of trained parameters."""
        return sum(p.numel() for p in self.parameters())


def _token_vectors(config: GptConfig) -> FactoredMoves | Characters:
    tokenizer = config.tokenizer
    return FactoredMoves(config.width) if tokenizer.tokens_per_move == 1 else Characters(tokenizer.size, config.width)


def _initialise_vectors(vectors: FactoredMoves | Characters, config: GptConfig, *, is_head: bool) -> None:
    for parameter in vectors.parameters():
        nn.init.zeros_(parameter)
    if is_head:
        return
    own_scale, square_scale = (0.02, 0.014) if config.body == "gpt2" else (1.0, 0.7)
    if isinstance(vectors, Characters):
        nn.init.normal_(vectors.weight, std=own_scale)
        return
    nn.init.normal_(vectors.source, std=square_scale)
    nn.init.normal_(vectors.target, std=square_scale)
    nn.init.normal_(vectors.residual_emb[MOVE_COUNT:], std=own_scale)


def _initialise_block(block: Block, config: GptConfig) -> None:
    entering = (block.attention.qkv, block.up)
    leaving = (block.attention.out, block.down)
    bound = math.sqrt(3 / config.width)
    for layer in (*entering, *leaving):
        if config.body == "gpt2":
            nn.init.normal_(layer.weight, std=0.02 / (math.sqrt(2 * config.layers) if layer in leaving else 1))
            nn.init.zeros_(layer.bias)
        elif layer in leaving:
            nn.init.zeros_(layer.weight)
        else:
            nn.init.uniform_(layer.weight, -bound, bound)
