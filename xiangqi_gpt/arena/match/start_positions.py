"""Where the games of a match start: positions or games from a file, or the start of the game with random moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from xiangqi_gpt.records import read_pgn
from xiangqi_gpt.rules import START_FEN, Board, FenError, Move, XiangqiError

#: Tries at a random opening in which nobody is mated, before a position is given up.
_TRIES: Final = 100


class OpeningError(XiangqiError):
    """Openings that cannot be read, or a position from which none can be made."""


@dataclass(frozen=True)
class Opening:
    """A start position and the moves already played from it when the players take over."""

    fen: str = START_FEN
    moves: tuple[Move, ...] = ()

    def board(self) -> Board:
        """The position the players start from, with its history."""
        board = Board(self.fen, lenient=True)
        for move in self.moves:
            board.push(move)
        return board


def read_positions(path: str | Path) -> list[str]:
    """The FENs of an EPD or FEN file: one position a line, what follows a ``;`` left out, ``#`` for comments.

    Raises ``OpeningError`` naming the line of a position that is broken or already over, and for an empty file;
    ``OSError`` for a file that cannot be read.
    """
    fens = []
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise OpeningError(f"{path}: not a text file (UTF-8)") from None
    for number, line in enumerate(lines, 1):
        fields = line.split("#")[0].split(";")[0].split()
        if not fields:
            continue
        # EPD has four fields and then operations; FEN goes on with two numbers.
        fen = " ".join(fields[: 6 if len(fields) > 5 and fields[4].isdigit() and fields[5].isdigit() else 4])
        try:
            board = Board(fen, lenient=True)
        except FenError as error:
            raise OpeningError(f"{path}:{number}: {error}") from None
        if (outcome := board.outcome()) is not None:
            raise OpeningError(f"{path}:{number}: the game is already over: {outcome}")
        fens.append(board.fen())
    if not fens:
        raise OpeningError(f"{path}: no position in the file")
    return fens


def read_openings(path: str | Path, *, plies: int | None = None) -> list[Opening]:
    """The openings of a file: positions from EPD or FEN as ``read_positions``, or the games of a ``.pgn``, each once.

    ``plies`` is how many moves of a game belong to the opening, by default all. Raises ``OpeningError`` for a game
    that is already over then, and what ``read_positions`` and ``read_pgn`` raise.
    """
    if Path(path).suffix.lower() != ".pgn":
        return [Opening(fen) for fen in read_positions(path)]
    openings: dict[Opening, None] = {}
    for number, game in enumerate(read_pgn(path), 1):
        opening = Opening(game.root, tuple(game.moves[:plies]))
        if (outcome := opening.board().outcome()) is not None:
            raise OpeningError(f"{path}, game {number}: the game is already over after its opening: {outcome}")
        openings[opening] = None
    return list(openings)


def draw_openings(
    count: int, seed: int, *, positions: Sequence[str | Opening] = (START_FEN,), random_plies: int = 0
) -> list[Opening]:
    """``count`` openings: positions in random order, all used before one comes again, each with random legal moves.

    The same seed gives the same openings, a larger ``count`` only adds to them. Raises ``OpeningError`` when random
    moves from a position always end the game.
    """
    order_generator = np.random.default_rng([seed, 1])
    order: list[int] = []
    while len(order) < count:
        order.extend(order_generator.permutation(len(positions)).tolist())
    generator = np.random.default_rng(seed)
    starts = [start if isinstance(start, Opening) else Opening(start) for start in positions]
    return [_with_random_moves(starts[i], random_plies, generator) for i in order[:count]]


def _with_random_moves(start: Opening, plies: int, generator: np.random.Generator) -> Opening:
    for _ in range(_TRIES):
        board = start.board()
        for _ in range(plies):
            moves = list(board.legal_moves)
            board.push(moves[generator.integers(len(moves))])
            if board.outcome() is not None:
                break
        else:
            return Opening(start.fen, tuple(board.move_stack))
    raise OpeningError(f"{plies} random moves from {start.board().fen()} end the game")
