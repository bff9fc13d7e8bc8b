"""Puzzles besides mates in the positions of a game: material that can be won, and the one move that is not mated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xiangqi_gpt.records import Game
from xiangqi_gpt.records.puzzles import Puzzle, PuzzleKind, saving_moves
from xiangqi_gpt.rules import Board
from xiangqi_gpt.rules.mate_proof import ProofError, mate_in
from xiangqi_gpt.rules.material_proof import balance, is_winning, winning_line, winning_moves

#: In how many moves material is won, and the solver would be mated.
WIN_DEPTHS: Final = range(2, 4)
MATED_DEPTHS: Final = range(1, 4)

#: What is won at least, in centipawns (a horse), and what no other move may win.
_GAIN: Final = 400
_OTHERS: Final = 250
#: A side that is so far behind or ahead, in centipawns, has nothing to win.
_MOST_BALANCE: Final = 1400
#: Plies of a game before its first puzzle, and legal moves that there must be to choose from; fewer in defence, which
#: is in check as a rule.
_FIRST_PLY: Final = 12
_LEAST_MOVES: Final = 8
_LEAST_DEFENCES: Final = 4
#: Moves tried for one proof: a fraction of a second; and where longer wins are looked for in every position.
_BUDGET: Final = 300_000
_LONG_BUDGET: Final = 20_000


def wins_of_material(game: Game, most_solutions: int) -> Iterator[Puzzle]:
    """Yield the positions of a game in which a horse or more is won by force, in 2 or 3 moves, not fewer.

    At most ``most_solutions`` first moves win as much, all others clearly less; what they win is still there a move
    later; and nobody is mated in so many moves.
    """
    for board in _positions(game, _LEAST_MOVES):
        if abs(balance(board, board.turn)) > _MOST_BALANCE:
            continue
        goal = balance(board, board.turn) + _GAIN
        try:
            n = _win_in(board, goal)
            if n is None or n not in WIN_DEPTHS or mate_in(board, n, budget=_BUDGET):
                continue
            moves = winning_moves(board, n, goal, most=most_solutions + 1, budget=_BUDGET)
            close = winning_moves(board, n, goal - _GAIN + _OTHERS, most=most_solutions + 1, budget=_BUDGET)
            if len(close) > most_solutions:
                continue
            if moves != winning_moves(board, n + 1, goal, among=moves, budget=10 * _BUDGET):
                continue
            line = tuple(winning_line(board, n, goal, budget=_BUDGET))
        except ProofError:
            continue
        yield Puzzle(_fen(board), n, None, line, len(moves), PuzzleKind.MATERIAL, _GAIN)


def _win_in(board: Board, goal: int) -> int | None:
    """Return in how many moves a goal is reached; longer wins are only looked for as far as that is cheap."""
    for n in range(1, max(WIN_DEPTHS) + 1):
        budget = _BUDGET if n <= min(WIN_DEPTHS) else _LONG_BUDGET
        if is_winning(board, n, goal, budget=budget):
            return n
    return None


def defences(game: Game, most_solutions: int) -> Iterator[Puzzle]:
    """Yield the positions of a game in which all moves but ``most_solutions`` are mated, in 1 to 3 moves.

    Those that are not stay unmated for a move longer.
    """
    for board in _positions(game, _LEAST_DEFENCES):
        try:
            threat = _threat(board)
            for n in MATED_DEPTHS if threat is not None else ():
                if n < (threat or 0):
                    continue
                saved = saving_moves(board, n, most=most_solutions + 1, budget=_BUDGET)
                if len(saved) > most_solutions:
                    continue
                lasting = saving_moves(board, n + 1, most=most_solutions + 1, budget=10 * _BUDGET)
                if saved == lasting and saved:
                    yield Puzzle(_fen(board), n, None, (saved[0],), len(saved), PuzzleKind.DEFENCE)
                if saved == lasting or not lasting:
                    break
        except ProofError:
            continue


def _threat(board: Board) -> int | None:
    """Return in how many moves the opponent would mate if the side to move did nothing; None for not, 0 in check."""
    if board.is_check():
        return 0
    pieces, side, *_ = board.fen().split()
    passed = Board(f"{pieces} {'b' if side == 'w' else 'w'} - - 0 1", lenient=True)
    return mate_in(passed, max(MATED_DEPTHS), budget=_BUDGET)


def _positions(game: Game, least_moves: int) -> Iterator[Board]:
    """Yield the positions of a game, after the opening, in which there is something to choose."""
    board = game.board(0)
    for ply, move in enumerate(game.moves):
        if ply >= _FIRST_PLY and len(board.legal_moves) >= least_moves:
            yield board.copy(stack=False)
        board.push(move)


def _fen(board: Board) -> str:
    """Return the FEN of a position that begins a game."""
    pieces, side, *_ = board.fen().split()
    return f"{pieces} {side} - - 0 1"
