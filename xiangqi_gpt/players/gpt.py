"""The GPT as a player: its policy over the legal moves, kept from repeating itself into a loss or a needless draw."""

from __future__ import annotations

import time
from collections.abc import Sequence, Set
from pathlib import Path
from typing import Any, Final

import numpy as np

from xiangqi_gpt.inference.evaluation import Evaluation
from xiangqi_gpt.inference.evaluator import Evaluator
from xiangqi_gpt.inference.model_folder import find_model
from xiangqi_gpt.inference.network import Network
from xiangqi_gpt.rules import NO_CAPTURE_LIMIT, Board, IllegalMoveError, Move, Outcome, Wdl
from xiangqi_gpt.rules.pieces import KNIGHT, type_of
from xiangqi_gpt.rules.repetition import REPETITIONS

from .networks import load_network
from .opening_bias import bias_to_opening
from .overlooking import seen_moves
from .player import (
    BasePlayer,
    Clock,
    Decision,
    OnProgress,
    PlayerError,
    Policy,
    SearchLimit,
    Stop,
    expect_moves,
)
from .sampling import draw_move

#: By model folder, source and device: each game is read once for all players that share one.
Evaluators = dict[tuple[str, str, str], Evaluator]

#: By how much winning must be likelier than losing for a draw by repetition to be a pity.
_WANTS_MORE: Final = -0.1

#: (15,) by piece code: whether such a piece could ever cross the river and mate.
_IS_ATTACKER: Final = np.array([False, *(type_of(piece) >= KNIGHT for piece in range(1, 15))])


class GptPlayer(BasePlayer):
    """Plays the model's moves.

    ``temperature`` 0 always plays the likeliest move; above, moves are drawn in proportion to p^(1/temperature)
    among the likeliest that together reach ``top_p``. ``overlook`` is the chance (0..1) that it does not see a move of
    those that people overlook (``players.overlooking``). ``seed`` fixes what is drawn. ``opening`` steers the first
    moves (``players.opening_bias``). Without ``masked`` it plays what the model itself would say among all 2086 moves,
    be it legal or not: it has one such move, so the other options must be left alone.
    """

    def __init__(
        self,
        model: Network,
        *,
        name: str = "gpt",
        temperature: float = 0.0,
        top_p: float = 1.0,
        source: str = "master",
        overlook: float = 0.0,
        opening: str = "",
        masked: bool = True,
        seed: int | None = None,
        evaluator: Evaluator | None = None,
    ) -> None:
        if not masked and (temperature > 0 or top_p < 1 or overlook > 0 or opening):
            raise PlayerError(f"{name}: without its mask it has one move, and none of the options that choose")
        self.name = name
        self.temperature, self.top_p = temperature, top_p
        self.overlook, self.opening, self.masked = overlook, opening, masked
        self._evaluator = evaluator or Evaluator(
            model, source=source, reserve=1
        )  # for a reply to be read in the longest game
        self._random = np.random.default_rng(seed)

    @classmethod
    def load(
        cls,
        model: str | Path = "default",
        *,
        source: str = "master",
        device: str = "cpu",
        evaluators: Evaluators | None = None,
        **options: Any,
    ) -> GptPlayer:
        """A player from a model folder or the name of a shipped model. Raises ``CheckpointError``.

        ``device`` is ``cpu``, or ``cuda`` with PyTorch. ``options`` are those of the constructor. Players that are
        loaded with the same ``evaluators`` evaluate together.
        """
        folder = find_model(model)
        key = str(folder.resolve()), source, device
        evaluator = evaluators.get(key) if evaluators else None
        network = evaluator.network if evaluator else load_network(folder, device)
        player = cls(network, name=f"gpt:{folder.name}", source=source, evaluator=evaluator, **options)
        if evaluators is not None:
            evaluators[key] = player._evaluator
        return player

    @property
    def model(self) -> Network:
        """The model that is played."""
        return self._evaluator.network

    def evaluate(self, board: Board) -> Evaluation:
        """All that the model says of a position; nothing is drawn. Raises ``PlayerError`` when there is no move."""
        expect_moves(board, self.name)
        return self._evaluator.evaluate(board)

    def policy(self, board: Board) -> Policy:
        """The probability of each legal move, likeliest first. Raises ``PlayerError`` when there is none."""
        return Policy(self.evaluate(board).policy)

    def reply_values(self, board: Board) -> dict[Move, Wdl]:
        """Win, draw and loss for the side to move after each of its legal moves, all read in one pass.

        A move that ends the game has its outcome. Raises ``PlayerError`` when there is no move, or where moves are
        spelled.
        """
        if self.model.config.tokenizer.tokens_per_move != 1:
            raise PlayerError(f"{self.name}: only a model that reads a move as one token values all replies at once")
        expect_moves(board, self.name)
        moves, values = list(board.legal_moves), {}
        for move, after in zip(moves, self._evaluator.values_after(board, moves), strict=True):
            outcome = board.outcome_after(move)
            values[move] = after.flipped if outcome is None else outcome.wdl(board.turn)
        return values

    def choose(
        self,
        board: Board,
        limit: SearchLimit | None = None,
        *,
        clock: Clock | None = None,
        stop: Stop | None = None,
        on_progress: OnProgress | None = None,
    ) -> Decision:
        """Return the move for one board; fast when it is a few plies on from the last one asked about."""
        start = time.perf_counter()
        reading = self.evaluate(board)
        return self._decide(board, reading, time.perf_counter() - start)

    def choose_many(self, boards: Sequence[Board]) -> list[Decision]:
        """The moves for many boards, read together."""
        start = time.perf_counter()
        for board in boards:
            expect_moves(board, self.name)
        readings = self._evaluator.evaluate_many(boards)
        seconds = (time.perf_counter() - start) / max(len(boards), 1)
        return [self._decide(board, reading, seconds) for board, reading in zip(boards, readings, strict=True)]

    def _decide(self, board: Board, reading: Evaluation, seconds: float) -> Decision:
        if not self.masked:
            if reading.unmasked is None:
                raise IllegalMoveError(f"{self.name}: what the model says is no move")
            return Decision(reading.unmasked, reading.policy, reading.wdl, (reading.unmasked,), 1, seconds)
        allowed = avoid_losing_repetition(board, reading)
        if self.overlook > 0:  # in the order of the policy, so that one seed overlooks the same moves again
            in_order = [move for move in reading.policy if move in allowed]
            allowed = set(seen_moves(board, in_order, self.overlook, self._random))
        policy = bias_to_opening(board, reading.policy, self.opening) if self.opening else reading.policy
        if self.temperature > 0:  # steering changes no set of moves: as many allowed are all of them
            among = policy if len(allowed) == len(policy) else {m: p for m, p in policy.items() if m in allowed}
            move = draw_move(among, self.temperature, self.top_p, self._random)
        else:
            move = next(m for m in policy if m in allowed)
        return Decision(move, reading.policy, reading.wdl, (move,), 1, seconds)


def avoid_losing_repetition(board: Board, reading: Evaluation) -> Set[Move]:
    """The legal moves after which neither this move nor a repeating reply ends the game badly.

    Badly is a loss, or a draw while the mover expects more. All moves, if none is left.
    """
    if not _may_end_badly(board):
        return reading.policy.keys()
    win, _, loss = reading.wdl
    wants_more = win - loss > _WANTS_MORE
    probe = board.copy()

    def is_sound(move: Move) -> bool:
        return not any(
            outcome.winner == 1 - board.turn or (outcome.winner is None and wants_more)
            for outcome in _possible_ends(probe, move)
        )

    return {move for move in reading.policy if is_sound(move)} or reading.policy.keys()


def _may_end_badly(board: Board) -> bool:
    """False in most positions, at a fraction of the cost: no move can repeat, reach the limit or leave no attacker."""
    attackers = int(_IS_ATTACKER[board.squares].sum())
    return attackers < 2 or board.halfmove_clock + 1 >= NO_CAPTURE_LIMIT or board.may_repeat()


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
