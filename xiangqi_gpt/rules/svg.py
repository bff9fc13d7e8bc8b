"""A board as an SVG picture, for notebooks and web pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .pieces import BLACK, FILES, RANKS, RED, SQUARES, TRADITIONAL, color_of

if TYPE_CHECKING:
    from .board import Board
    from .moves import Move

_STEP: Final = 40  # between two lines
_MARGIN: Final = 32
_COLORS: Final = {RED: "#b3261e", BLACK: "#1d1b16"}
_PALACES: Final = ((3, 0, 5, 2), (5, 0, 3, 2), (3, 7, 5, 9), (5, 7, 3, 9))


def board_svg(board: Board, *, last_move: Move | None = None, orientation: int = RED, size: int = 380) -> str:
    """Return a board as an SVG document, ``size`` pixels wide.

    ``last_move`` is marked; ``orientation`` is the side shown at the bottom, ``RED`` or ``BLACK``.

    >>> from xiangqi_gpt.rules import Board
    >>> picture = board_svg(Board())
    >>> picture.count("<circle"), picture.startswith("<svg")
    (32, True)
    """
    width, height = 2 * _MARGIN + (FILES - 1) * _STEP, 2 * _MARGIN + (RANKS - 1) * _STEP

    def place(file: int, rank: int) -> tuple[int, int]:
        if orientation == RED:
            return _MARGIN + file * _STEP, height - _MARGIN - rank * _STEP
        return _MARGIN + (FILES - 1 - file) * _STEP, _MARGIN + rank * _STEP

    def line(first: tuple[int, int], last: tuple[int, int]) -> str:
        (x1, y1), (x2, y2) = place(*first), place(*last)
        return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'

    lines = [line((0, rank), (FILES - 1, rank)) for rank in range(RANKS)]
    for file in range(FILES):
        ends = [(0, RANKS - 1)] if file in (0, FILES - 1) else [(0, 4), (5, RANKS - 1)]  # the river has no lines
        lines += [line((file, low), (file, high)) for low, high in ends]
    lines += [line((a, b), (c, d)) for a, b, c, d in _PALACES]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{round(size * height / width)}" '
        f'viewBox="0 0 {width} {height}" font-family="Noto Serif CJK SC, Songti SC, SimSun, serif">',
        f'<rect width="{width}" height="{height}" fill="#ecd3a2"/>',
        f'<g stroke="#6b4a1f" stroke-width="1">{"".join(lines)}</g>',
    ]
    if last_move is not None:
        for sq in (last_move.from_square, last_move.to_square):
            x, y = place(sq % FILES, sq // FILES)
            parts.append(f'<rect x="{x - 19}" y="{y - 19}" width="38" height="38" fill="none" stroke="#2f7d4f"/>')
    for sq in range(SQUARES):
        piece = board.piece_at(sq)
        if piece:
            x, y = place(sq % FILES, sq // FILES)
            color = _COLORS[color_of(piece)]
            parts.append(
                f'<circle cx="{x}" cy="{y}" r="17" fill="#fbf3df" stroke="{color}" stroke-width="1.5"/>'
                f'<text x="{x}" y="{y + 7}" font-size="20" text-anchor="middle" fill="{color}">'
                f"{TRADITIONAL[piece]}</text>"
            )
    return "".join([*parts, "</svg>"])
