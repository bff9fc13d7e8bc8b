"""The GPT as a player: its policy over the legal moves, kept from repeating itself into a loss or a needless draw."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from xiangqi_gpt.model.checkpoint import find_model, load_model
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.rules import Board, Move, Outcome
from xiangqi_gpt.rules.repetition import REPETITIONS

from .player import Decision, PlayerError
from .reader import Reader, Reading

#: By how much winning must be likelier than losing for a draw by repetition to be a pity.
_WANTS_MORE: Final = -0.1


class GptPlayer:
    """Plays the model's moves.

    ``temperature`` 0 always plays the likeliest move; above, moves are drawn in proportion to p^(1/temperature)
    among the likeliest that together reach ``top_p``. ``seed`` fixes what is drawn.
    """

    def __init__(
        self,
        model: Gpt,
        *,
        name: str = "gpt",
        temperature: float = 0.0,
        top_p: float = 1.0,
        source: str = "master",
        seed: int | None = None,
    ) -> None:
        self.name = name
        self.temperature, self.top_p = temperature, top_p
        self._reader = Reader(model, source=source)
        self._random = np.random.default_rng(seed)

    @classmethod
    def load(
        cls,
        model: str | Path = "default",
        *,
        temperature: float = 0.0,
        top_p: float = 1.0,
        source: str = "master",
        seed: int | None = None,
    ) -> GptPlayer:
        """A player from a model folder or the name of a shipped model. Raises ``CheckpointError``."""
        name = f"gpt:{find_model(model).name}"
        return cls(load_model(model), name=name, temperature=temperature, top_p=top_p, source=source, seed=seed)

    @property
    def model(self) -> Gpt:
        """The model that is played."""
        return self._reader.model

    def policy(self, board: Board) -> dict[Move, float]:
        """The probability of each legal move, likeliest first. Raises ``PlayerError`` when there is none."""
        _expect_moves(board)
        return self._reader.read(board).policy

    def choose(self, board: Board) -> Decision:
        """The move for one board; fast when the board is a few plies on from the last one asked about."""
        start = time.perf_counter()
        _expect_moves(board)
        reading = self._reader.read(board)
        return self._decide(board, reading, time.perf_counter() - start)

    def choose_many(self, boards: Sequence[Board]) -> list[Decision]:
        """The moves for many boards, read together."""
        start = time.perf_counter()
        for board in boards:
            _expect_moves(board)
        readings = self._reader.read_many(boards)
        seconds = (time.perf_counter() - start) / max(len(boards), 1)
        return [self._decide(board, reading, seconds) for board, reading in zip(boards, readings, strict=True)]

    def close(self) -> None:
        """Nothing is held that would need to be freed."""

    def _decide(self, board: Board, reading: Reading, seconds: float) -> Decision:
        allowed = sound_moves(board, reading)
        if self.temperature > 0:
            move = self._draw({m: p for m, p in reading.policy.items() if m in allowed})
        else:
            move = next(m for m in reading.policy if m in allowed)
        return Decision(move, reading.policy, reading.wdl, (move,), 1, seconds)

    def _draw(self, policy: dict[Move, float]) -> Move:
        moves = list(policy)
        weights = np.array([policy[move] for move in moves])
        kept = np.concatenate(([True], np.cumsum(weights)[:-1] < self.top_p * weights.sum()))
        logs = np.log(np.maximum(weights, 1e-12))
        # Below 1e-9 only the likeliest move is left anyhow, and the quotient would leave the range of numbers.
        weights = np.where(kept, np.exp((logs - logs.max()) / max(self.temperature, 1e-9)), 0.0)
        return moves[int(self._random.choice(len(moves), p=weights / weights.sum()))]


def sound_moves(board: Board, reading: Reading) -> set[Move]:
    """The legal moves after which neither this move nor a repeating reply ends the game badly.

    Badly is a loss, or a draw while the mover expects more. All moves, if none is left.
    """
    win, _, loss = reading.wdl
    wants_more = win - loss > _WANTS_MORE
    probe = board.copy()

    def is_sound(move: Move) -> bool:
        return not any(
            outcome.winner == 1 - board.turn or (outcome.winner is None and wants_more)
            for outcome in _possible_ends(probe, move)
        )

    return {move for move in reading.policy if is_sound(move)} or set(reading.policy)


def _possible_ends(board: Board, move: Move) -> list[Outcome]:
    """How a move could end the game: at once, or by a reply that makes a position occur for the third time."""
    board.push(move)
    outcome = board.outcome()
    ends = [outcome] if outcome else []
    if not outcome and board.may_repeat():
        for reply in board.legal_moves:
            board.push(reply)
            end = board.outcome() if board.repetitions() >= REPETITIONS else None
            board.pop()
            if end:
                ends.append(end)
    board.pop()
    return ends


def _expect_moves(board: Board) -> None:
    if not board.legal_moves:
        raise PlayerError(f"the game is over, there is no move to choose: {board.fen()}")
