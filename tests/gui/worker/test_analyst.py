"""What a blind model is asked besides its moves: the board it believes in, and the illegal move it wants."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from random_models import save_random_model
from safetensors.numpy import save_file
from xiangqi_gpt.gui.state.displayed_moves import PositionRequest
from xiangqi_gpt.gui.worker.analyst import annotate, judge, look
from xiangqi_gpt.gui.worker.messages import Judge, Look

from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.inference.probe import PIECE_CODES, PROBE, PROBE_VERSION
from xiangqi_gpt.players import load_player
from xiangqi_gpt.rules import START_FEN, Board, Move
from xiangqi_gpt.rules.jit import KERNELS

BLIND = replace(PRESETS["nano"], features="none")
MOVES = tuple(map(Move.from_iccs, ("h2e2", "h9g7")))
POSITION = PositionRequest(START_FEN, MOVES)


def blind_model(folder: Path, *, with_probe: bool) -> str:
    """A blind model's spec; its probe sees the start position, whatever was played."""
    save_random_model(folder, seed=3, features="none")
    if with_probe:
        bias = np.zeros((90, PIECE_CODES), np.float32)
        bias[np.arange(90), Board().squares] = 9.0
        tensors = {"weight": np.zeros((90 * PIECE_CODES, BLIND.width), np.float32), "bias": bias.ravel()}
        about = {"version": PROBE_VERSION, "layer": 1, "accuracy": 0.75}
        save_file(tensors, folder / PROBE, {"probe": json.dumps(about)})
    return f"gpt:{folder}"


def test_the_believed_board_is_read_off(tmp_path: Path) -> None:
    spec = blind_model(tmp_path, with_probe=True)
    insight = look(load_player(spec), Look(1, spec, POSITION))
    assert insight.moves_only and insight.decoded == tuple(Board().squares.tolist())
    assert insight.accuracy == 0.75 and len(insight.confidence) == 90 and min(insight.confidence) > 0.9


def test_a_model_without_a_probe_has_no_believed_board(tmp_path: Path) -> None:
    spec = blind_model(tmp_path, with_probe=False)
    assert look(load_player(spec), Look(1, spec, POSITION)).decoded is None


def test_a_blind_model_says_what_it_wanted_illegally(tmp_path: Path) -> None:
    spec = blind_model(tmp_path, with_probe=False)
    player = load_player(spec)
    illegal = look(player, Look(1, spec, POSITION)).illegal
    assert illegal is not None and 0 < illegal[1] <= 1
    board = POSITION.board()
    assert not board.is_legal(illegal[0])
    notes = next(annotate(player, POSITION)).notes
    assert [note.ply for note in notes] == [1, 2] and all(note.illegal is not None for note in notes)


def test_a_blind_model_knows_nothing_of_a_position_that_was_set_up(tmp_path: Path) -> None:
    spec = blind_model(tmp_path, with_probe=True)
    insight = look(load_player(spec), Look(1, spec, PositionRequest("3k5/9/9/9/9/9/9/9/9/R3K4 w - - 0 1", ())))
    assert insight.decoded is None and insight.illegal is None


def test_an_opening_that_may_still_become_several_is_named_without_the_letter_of_their_volume() -> None:
    moves = tuple(Move.from_iccs(iccs) for iccs in ["h2e2", "h9g7", "h0g2", "i9h9", "i0h0", "b9c7"])
    assert look(load_player("gpt"), Look(1, "gpt", PositionRequest(START_FEN, moves))).opening == "中炮对屏风马"


def test_who_is_a_rook_and_a_horse_down_is_judged_to_be_losing() -> None:
    """The model's own glance calls that even."""
    down = "rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/2BAKABNR w - - 0 1"
    player = load_player("gpt")
    judge(Judge(1, "gpt", POSITION), player, lambda: True)  # imports what has kernels
    for kernel in KERNELS:
        kernel.ready()
    wdl = judge(Judge(2, "gpt", PositionRequest(down, ())), player, lambda: False).wdl
    assert wdl is not None and wdl.expected < 0.25
