"""Random games that repeat: a position, and a cycle of moves that leads back to it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from random_games import random_game
from rules_helpers import random_placement

from xiangqi_gpt.rules import MOVES, Board, Move, kernels
from xiangqi_gpt.rules.moves import MOVE_FROM, MOVE_INDEX, MOVE_TO
from xiangqi_gpt.rules.pieces import EMPTY, SQUARES

Pair = tuple[int, int]


def sequences(rng: np.random.Generator, *, directed: bool) -> Iterator[tuple[str, list[Move]]]:
    """Endlessly (FEN, moves): twice the same cycle of 4, 6 or 8 plies, at times with the first ply once more.

    ``directed`` keeps the cycles in which one side checks on every move, or newly attacks one and the same piece on
    every move: those on which the rules have something to say.
    """
    while True:
        board = _position(rng)
        for _ in range(40 if directed else 4):
            cycle = _cycle(board.copy(stack=False), rng)
            if cycle and (not directed or _presses(board, cycle)):
                yield board.fen(), (cycle * 3)[: 2 * len(cycle) + int(rng.integers(2))]
                break


def _position(rng: np.random.Generator) -> Board:
    """A middlegame, a crowded random position, or one with few pieces."""
    kind = rng.integers(6)
    if kind == 0:
        return random_game(rng, int(rng.integers(20, 160))).copy(stack=False)
    board = random_placement(rng)
    while kind > 1:  # take pieces off, kings never, until few are left
        squares = board.squares.copy()
        pieces = [sq for sq in range(SQUARES) if squares[sq] not in (EMPTY, 1, 8)]
        if len(pieces) <= rng.integers(2, 10):
            break
        squares[pieces[int(rng.integers(len(pieces)))]] = EMPTY
        if not kernels.in_check(squares, 1 - board.turn):
            board.squares[:] = squares
    return Board(board.fen())


def _cycle(board: Board, rng: np.random.Generator) -> list[Move] | None:
    """Legal moves without a capture that lead back to the position, None when this try finds none."""
    shape = rng.random()
    moves: list[Move] = []

    def play(move: Move | None) -> bool:
        if move is None or board.squares[move.to_square] or not board.is_legal(move):
            return False
        moves.append(move)
        board.push(move)
        return True

    if shape < 0.6:  # out and back
        done = play(_quiet(board, rng)) and play(_quiet(board, rng))
        done = done and play(_between(moves[0].to_square, moves[0].from_square))
        done = done and play(_between(moves[1].to_square, moves[1].from_square))
    elif shape < 0.8:  # each side goes round a triangle with one piece
        done = play(_quiet(board, rng)) and play(_quiet(board, rng))
        done = done and all(play(_quiet(board, rng, moves[i].to_square)) for i in range(2))
        done = done and all(play(_between(moves[i + 2].to_square, moves[i].from_square)) for i in range(2))
    else:  # two moves out each, and back in either order
        done = all(play(_quiet(board, rng)) for _ in range(4))
        if done:
            order = [i for pair in zip(rng.permutation([0, 2]), rng.permutation([1, 3]), strict=True) for i in pair]
            done = all(play(_between(moves[i].to_square, moves[i].from_square)) for i in order)
    return moves if done else None


def _quiet(board: Board, rng: np.random.Generator, source: int | None = None) -> Move | None:
    """A random move without a capture, of the piece on ``source`` if given; mostly a check, attack or evasion."""
    moves = [move for move in board.legal_moves if not board.squares[move.to_square]]
    moves = [move for move in moves if source is None or move.from_square == source]
    if not moves:
        return None
    moves = [moves[i] for i in rng.permutation(len(moves))[:6]]
    if rng.random() < 0.85:
        attacked, feared = (_targets(board, side) for side in (board.turn, 1 - board.turn))
        for move in moves:
            if _presses_or_evades(board, move, attacked, feared):
                return move
    return moves[0]


def _presses_or_evades(board: Board, move: Move, attacked: set[int], feared: set[int]) -> bool:
    """Whether a move checks, attacks something new, or leaves less to fear."""
    side = board.turn
    board.push(move)
    found = board.is_check() or bool(_targets(board, side) - attacked) or len(_targets(board, 1 - side)) < len(feared)
    board.pop()
    return found


def _targets(board: Board, side: int) -> set[int]:
    return {target for _, target in _attacks(board.squares, side)}


def _between(source: int, target: int) -> Move | None:
    index = int(MOVE_INDEX[source, target])
    return None if index < 0 else MOVES[index]


def _attacks(squares: np.ndarray, side: int) -> set[Pair]:
    """(from, to) of every capture a side could make if it were its turn."""
    out = np.empty(kernels.MAX_MOVES, np.int16)
    moves = out[: kernels.legal_indices(squares, side, out)]
    captures = moves[squares[MOVE_TO[moves]] != EMPTY]
    return set(zip(MOVE_FROM[captures].tolist(), MOVE_TO[captures].tolist(), strict=True))


def _presses(board: Board, cycle: list[Move]) -> bool:
    """Whether a side checks on every move, or newly attacks one and the same piece on every move."""
    board = board.copy(stack=False)
    names = list(range(SQUARES))
    pressed: list[set[int] | None] = [None, None]
    checks = [True, True]
    for move in cycle:
        side = board.turn
        before = {(names[a], names[v]) for a, v in _attacks(board.squares, side)}
        board.push(move)
        names[move.to_square] = names[move.from_square]
        after = {(names[a], names[v]) for a, v in _attacks(board.squares, side)}
        victims = {v for _, v in after - before}
        known = pressed[side]
        pressed[side] = victims if known is None else known & victims
        checks[side] &= board.is_check()
    return any(checks) or any(pressed)
