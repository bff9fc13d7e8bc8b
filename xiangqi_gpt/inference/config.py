"""The shape of a model: what ``config.json`` says of it, and the ready-made ones."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .tokenizers import ICCS_TOKENS, VERSIONS, Tokenizer
from .vocabulary import VOCABULARY

FEATURE_SETS = ("none", "board", "full")
BODIES = ("modern", "gpt2")


@dataclass(frozen=True)
class GptConfig:
    """The shape of a model; stored as ``config.json`` beside the weights."""

    layers: int = 6
    width: int = 256
    heads: int = 4
    context: int = 320  #: plies the model can look back on
    features: str = "full"  #: ``none`` (moves only), ``board`` (and the pieces) or ``full`` (and what they can do)
    legal_head: bool = False  #: a head that says of each move whether it is legal now (blind models only)
    legal_margin: float = 0.0  #: log-odds of "legal" that a choice among all moves asks of this head in addition
    body: str = "modern"  #: ``modern`` or ``gpt2`` (learned positions, GELU, norms with gain, biases)
    vocabulary: str = VOCABULARY  #: version of the tokenizer

    def __post_init__(self) -> None:
        if self.features not in FEATURE_SETS:
            raise ValueError(f"features is one of {', '.join(FEATURE_SETS)}, not {self.features!r}")
        if self.body not in BODIES:
            raise ValueError(f"body is one of {', '.join(BODIES)}, not {self.body!r}")
        if self.vocabulary not in VERSIONS:
            raise ValueError(f"vocabulary {self.vocabulary!r}: this program speaks {', '.join(VERSIONS)}")
        if self.tokenizer.tokens_per_move > 1 and (self.features != "none" or self.legal_head):
            raise ValueError(f"a model that spells its moves ({self.vocabulary}) has features none and no legal_head")
        if self.legal_head and self.features != "none":
            raise ValueError(f"a model with features {self.features!r} is shown the legal moves: it has no legal_head")
        for name in ("layers", "width", "heads", "context"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} is a whole number above 0, not {value!r}")
        if not isinstance(self.legal_margin, int | float) or not 0 <= self.legal_margin < math.inf:
            raise ValueError(f"legal_margin is a number from 0 on, not {self.legal_margin!r}")
        if self.width % self.heads or (self.width // self.heads) % 2:
            raise ValueError(f"width {self.width} does not divide into {self.heads} heads of an even size")

    @property
    def tokenizer(self) -> Tokenizer:
        """How moves become tokens."""
        return VERSIONS[self.vocabulary]

    @property
    def positions(self) -> int:
        """Tokens the model can look back on."""
        return self.context * self.tokenizer.tokens_per_move


#: Ready-made shapes. ``nano`` is for tests. ``kexue2020`` has the shape of the article that began this (Su Jianlin,
#: kexue.fm/archives/7877): moves spelled in characters, nothing shown besides, 12 × 768, 512 tokens; ``characters`` is
#: a small model of this kind.
PRESETS = {
    "nano": GptConfig(layers=2, width=64, heads=2),
    "mini": GptConfig(layers=4, width=128, heads=2),
    "small": GptConfig(layers=6, width=256, heads=4),
    "base": GptConfig(layers=8, width=384, heads=6),
    "large": GptConfig(layers=8, width=512, heads=8),
    "characters": GptConfig(
        layers=6, width=256, heads=4, context=128, features="none", body="gpt2", vocabulary=ICCS_TOKENS.version
    ),
    "kexue2020": GptConfig(
        layers=12, width=768, heads=12, context=128, features="none", body="gpt2", vocabulary=ICCS_TOKENS.version
    ),
}
