"""Names in model folders, which are those of version 0.1, and what the code calls the same things now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

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

#: A setting: in the code -> in files, and its values that have another name there.
_SETTINGS: Final = {"features": ("sight", {"full": "moves"})}


def settings_in_file(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a model, or of its training, as ``config.json`` and ``settings.json`` have them.

    >>> settings_in_file({"layers": 6, "features": "full"})
    {'layers': 6, 'sight': 'moves'}
    """
    found = {}
    for name, value in settings.items():
        old, values = _SETTINGS.get(name, (name, {}))
        found[old] = values.get(value, value) if values else value
    return found


def settings_in_code(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a file as the code has them: undoes ``settings_in_file``."""
    back = {old: (name, {o: n for n, o in values.items()}) for name, (old, values) in _SETTINGS.items()}
    found = {}
    for old, value in settings.items():
        name, values = back.get(old, (old, {}))
        found[name] = values.get(value, value) if isinstance(value, str) else value
    return found


def name_in_file(name: str) -> str:
    """What files call a tensor, or a part of an optimizer's state.

    >>> name_in_file("policy_head.residual_emb/exp_avg")
    'policy.own/exp_avg'
    """
    return _PART.sub(lambda part: _TENSORS.get(part[0], part[0]), name)


def name_in_code(name: str) -> str:
    """What the code calls a tensor of a file: undoes ``name_in_file``."""
    return _PART.sub(lambda part: _TENSORS_BACK.get(part[0], part[0]), name)
