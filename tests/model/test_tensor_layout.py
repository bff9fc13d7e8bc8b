"""The table of tensors in docs/model.md is true of every kind of model."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from xiangqi_gpt.inference.config import PRESETS, GptConfig
from xiangqi_gpt.inference.file_names import name_in_file
from xiangqi_gpt.model.gpt import Gpt

PAGE = Path(__file__).resolve().parents[2] / "docs" / "model.md"
NANO, CHARACTERS = PRESETS["nano"], replace(PRESETS["characters"], layers=2, width=64, heads=2)
MOVES_ONLY = replace(NANO, features="none", legal_head=True)


def _documented(width: int, positions: int) -> dict[str, tuple[int, ...]]:
    """Names in the table, ``L`` for the number of a block, with their shapes for a width."""
    shapes: dict[str, tuple[int, ...]] = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 4 or not cells[0].startswith("`") or "as `tokens`" in cells[1]:
            continue
        names = re.findall(r"`([\w.]+)`", cells[0])
        given = cells[1].split(";")
        for place, name in enumerate(names):
            sizes = given[min(place, len(given) - 1)].split(",")
            values = {"D": width, "3 D": 3 * width, "4 D": 4 * width, "positions": positions}
            shapes[name] = tuple(values[s] if (s := size.strip()) in values else int(s) for size in sizes)
    return shapes | {name.replace("tokens.", "policy."): shape for name, shape in shapes.items() if "tokens." in name}


@pytest.mark.parametrize(
    "config",
    [NANO, replace(NANO, features="board"), MOVES_ONLY, replace(MOVES_ONLY, body="gpt2"), CHARACTERS],
    ids=["full", "board", "moves only", "gpt2", "characters"],
)
def test_every_tensor_is_in_the_table(config: GptConfig) -> None:
    documented = _documented(config.width, config.positions)
    tensors = {name_in_file(name): tuple(tensor.shape) for name, tensor in Gpt(config).state_dict().items()}
    for name, shape in tensors.items():
        assert documented[re.sub(r"blocks\.\d+", "blocks.L", name)] == shape, name


def test_no_tensor_of_the_table_is_made_up() -> None:
    kinds = [NANO, MOVES_ONLY, CHARACTERS, replace(MOVES_ONLY, body="gpt2")]
    names = {name_in_file(name) for config in kinds for name in Gpt(config).state_dict()}
    assert {re.sub(r"blocks\.\d+", "blocks.L", name) for name in names} == set(_documented(64, 1))
