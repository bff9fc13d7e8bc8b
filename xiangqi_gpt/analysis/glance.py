"""A game at a glance: what the model says of each move without looking ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from xiangqi_gpt.inference.evaluator import Evaluator
from xiangqi_gpt.inference.network import Network
from xiangqi_gpt.inference.whole_game import WholeGame
from xiangqi_gpt.records import Game
from xiangqi_gpt.records.openings.openings import OpeningsError, known_games
from xiangqi_gpt.rules import START_FEN, Board, Move
from xiangqi_gpt.rules.wdl import Wdl

from .move_analysis import MoveAnalysis, score_of

#: How many of the likeliest moves are kept for a report.
_LIKELY: Final = 5

#: A move is book while it leads to positions of so many known games.
BOOK_GAMES: Final = 10


def glance(model: Network, game: Game, *, source: str = "master") -> list[MoveAnalysis]:
    """Return the moves of a game's main line as the model sees them: ``len(game.moves)`` of them.

    The model reads the whole game in one pass. The better move is its likeliest one, valued by one more pass.

    Raises ``UnsupportedGameError`` when the model cannot follow the game.
    """
    board = game.board(0)
    whole = Evaluator(model, source=source).evaluate_game(board.root, game.moves)
    values, book = _Values(whole, game.moves), count_book_moves(game)
    moves = []
    for i, move in enumerate(game.moves):
        view, seen = whole.positions[i], values.around(i, board, move)
        chances = view.policy
        moves.append(
            MoveAnalysis(
                ply=i + 1,
                turn=board.turn,
                move=move,
                probability=chances[move],
                rank=1 + list(chances).index(move),
                choices=len(chances),
                likely=tuple(chances.items())[:_LIKELY],
                illegal=view.illegal,
                before=view.wdl,
                after=seen.after,
                best=seen.best,
                best_after=seen.best_after,
                variation=(seen.best,),
                score=score_of(seen.after),
                best_score=score_of(seen.best_after),
                is_book=i < book,
            )
        )
        board.push(move)
    return moves


def count_book_moves(game: Game) -> int:
    """How many moves of a game, from its first on, lead to positions that known games have reached."""
    if game.root != START_FEN:
        return 0
    board = game.board(0)
    try:
        for ply, move in enumerate(game.moves):
            board.push(move)
            if known_games(board).results.games < BOOK_GAMES:
                return ply
    except OpeningsError:
        return 0
    return len(game.moves)


@dataclass(frozen=True)
class _Comparison:
    """What a move led to and what was better, for the side that made it."""

    after: Wdl
    best: Move
    best_after: Wdl


class _Values:
    """The model's values: of the positions of the game, and of those after its likeliest moves."""

    def __init__(self, whole: WholeGame, moves: Sequence[Move]) -> None:
        self._whole = whole
        likeliest = [next(iter(view.policy)) for view in whole.positions[:-1]]
        asked = [(i, best) for i, (best, move) in enumerate(zip(likeliest, moves, strict=True)) if best != move]
        self._values = dict(zip(asked, (value.flipped for value in whole.values_after(asked)), strict=True))

    def around(self, i: int, board: Board, move: Move) -> _Comparison:
        """Return what the move after ``i`` plies led to, and what was better."""
        outcome = board.outcome_after(move)
        after = outcome.wdl(board.turn) if outcome else self._whole.positions[i + 1].wdl.flipped
        best = next(iter(self._whole.positions[i].policy))
        if best == move:
            return _Comparison(after, move, after)
        outcome = board.outcome_after(best)
        best_after = outcome.wdl(board.turn) if outcome else self._values[i, best]
        if best_after.expected <= after.expected:
            return _Comparison(after, move, after)
        return _Comparison(after, best, best_after)
