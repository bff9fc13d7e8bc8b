"""Names in model folders, which are those of version 0.1, and what the code calls the same things now."""

from __future__ import annotations

import re
from typing import Final

#: Part of a tensor's name: in the code -> in files.
_TENSORS: Final = {
    "token_emb": "tokens",
    "feature_emb": "sight",
    "pos_emb": "places",
    "residual_emb": "own",
    "final_norm": "last_norm",
    "policy_head": "policy",
    "candidate_emb": "candidates",
    "legality_head": "legality",
}
_TENSORS_BACK: Final = {old: new for new, old in _TENSORS.items()}
_PART: Final = re.compile(r"[^./]+")


def name_in_file(name: str) -> str:
    """What files call a tensor, or a part of an optimizer's state.

    >>> name_in_file("policy_head.residual_emb/exp_avg")
    'policy.own/exp_avg'
    """
    return _PART.sub(lambda part: _TENSORS.get(part[0], part[0]), name)


def name_in_code(name: str) -> str:
    """What the code calls a tensor of a file: undoes ``name_in_file``."""
    return _PART.sub(lambda part: _TENSORS_BACK.get(part[0], part[0]), name)
