"""A game as an animated GIF: one picture a move, drawn with Pillow, which comes with the extra ``train``."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from xiangqi_gpt.extras import how_to_add, is_single_file
from xiangqi_gpt.files import atomic_write
from xiangqi_gpt.records import Game
from xiangqi_gpt.rules import BLACK, RED, Board, Move
from xiangqi_gpt.rules.pieces import FILES, RANKS, SQUARES, TRADITIONAL, color_of

from .errors import AnalysisError
from .move_analysis import Judgement

if TYPE_CHECKING:
    from PIL import Image

#: Pixels between two lines, and from the outer ones to the edge.
_STEP: Final = 44
_MARGIN: Final = 32
#: Pictures are drawn so many times as large and made smaller, so that edges are smooth; and have so many colours.
_FINER: Final = 3
_COLORS: Final = 96
#: Milliseconds that a move and the last position are shown.
_MOVE_TIME: Final = 900
_LAST_TIME: Final = 3000
_WOOD, _LINE, _PIECE = "#ecd3a2", "#6b4a1f", "#fbf3df"
_SIDES: Final = {RED: "#b3261e", BLACK: "#1d1b16"}
_PALACES: Final = ((3, 0, 5, 2), (5, 0, 3, 2), (3, 7, 5, 9), (5, 7, 3, 9))
_MARKS: Final[dict[str, str]] = {
    Judgement.FINE: "#2f7d4f",
    Judgement.INACCURACY: "#c98a00",
    Judgement.MISTAKE: "#d65f00",
    Judgement.BLUNDER: "#c1121f",
}


class PillowMissingError(AnalysisError):
    """Pillow, which writes the GIF, is not installed."""

    code = "no_pillow"


class GameTooShortError(AnalysisError):
    """There is no move to show."""

    code = "gif_no_moves"


def check_pillow() -> None:
    """Raise ``PillowMissingError`` where Pillow is not installed."""
    try:
        import PIL  # noqa: F401
    except ModuleNotFoundError:
        how = how_to_add("train")
        text = f"a GIF is written with Pillow, which is not installed: {how}"
        if is_single_file():
            raise PillowMissingError(text, code="no_pillow_in_file") from None
        raise PillowMissingError(text, code="no_pillow", how=how) from None


def write_gif(
    game: Game,
    path: str | Path,
    *,
    piece_font: bytes,
    judgements: Mapping[int, str] | None = None,
    orientation: int = RED,
) -> None:
    """Write the main line of a game as a GIF that repeats, whole or not at all.

    The squares of a move are framed in the colour of its judgement, by ply from 1, where ``judgements`` has one;
    ``piece_font`` is a TrueType font that has the pieces, ``orientation`` the side at the bottom. Raises
    ``PillowMissingError``, ``GameTooShortError`` and ``OSError``.
    """
    content = format_gif(game, piece_font=piece_font, judgements=judgements, orientation=orientation)
    with atomic_write(path) as unfinished:
        unfinished.write_bytes(content)


def format_gif(
    game: Game,
    *,
    piece_font: bytes,
    judgements: Mapping[int, str] | None = None,
    orientation: int = RED,
) -> bytes:
    """Return what ``write_gif`` writes."""
    if not game.moves:
        raise GameTooShortError("a game without moves cannot be shown as a GIF")
    check_pillow()
    from PIL import Image, ImageFont

    font = ImageFont.truetype(io.BytesIO(piece_font), round(_FINER * _STEP * 0.6))
    board, known = game.board(0), judgements or {}
    pictures = [_picture(board, None, Judgement.FINE, font, orientation)]
    for ply, move in enumerate(game.moves, 1):
        board.push(move)
        pictures.append(_picture(board, move, known.get(ply, Judgement.FINE), font, orientation))
    palette = _palette(pictures[len(pictures) // 2])
    shown = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    times = [_MOVE_TIME] * len(game.moves) + [_LAST_TIME]
    file = io.BytesIO()
    shown[0].save(file, "GIF", save_all=True, append_images=shown[1:], duration=times, loop=0, optimize=False)
    return file.getvalue()


def _palette(picture: Image.Image) -> Image.Image:
    """Return the colours of a picture and of all marks, as the palette of an image."""
    from PIL import Image

    sample = Image.new("RGB", (picture.width, picture.height + len(_MARKS) * _STEP))
    sample.paste(picture)
    for row, color in enumerate(_MARKS.values()):
        sample.paste(color, (0, picture.height + row * _STEP, picture.width, picture.height + (row + 1) * _STEP))
    return sample.quantize(_COLORS)


def _place(file: int, rank: int, orientation: int) -> tuple[int, int]:
    if orientation == BLACK:
        file, rank = FILES - 1 - file, RANKS - 1 - rank
    return _FINER * (_MARGIN + file * _STEP), _FINER * (_MARGIN + (RANKS - 1 - rank) * _STEP)


def _picture(board: Board, move: Move | None, judgement: str, font: Any, orientation: int) -> Image.Image:
    """Draw a position after a move."""
    from PIL import Image, ImageDraw

    size = (2 * _MARGIN + (FILES - 1) * _STEP, 2 * _MARGIN + (RANKS - 1) * _STEP)
    picture = Image.new("RGB", (_FINER * size[0], _FINER * size[1]), _WOOD)
    draw = ImageDraw.Draw(picture)

    def line(first: tuple[int, int], last: tuple[int, int]) -> None:
        draw.line([_place(*first, orientation), _place(*last, orientation)], _LINE, _FINER)

    for rank in range(RANKS):
        line((0, rank), (FILES - 1, rank))
    for file in range(FILES):
        for low, high in [(0, RANKS - 1)] if file in (0, FILES - 1) else [(0, 4), (5, RANKS - 1)]:
            line((file, low), (file, high))
    for a, b, c, d in _PALACES:
        line((a, b), (c, d))
    for word, column in (("楚河", 1.5), ("漢界", 6.5)):
        middle = (_FINER * (_MARGIN + column * _STEP), _FINER * (_MARGIN + 4.5 * _STEP))
        draw.text(middle, word, _LINE, font, anchor="mm")
    radius = round(_FINER * _STEP * 0.44)
    for square in range(SQUARES):
        piece = board.piece_at(square)
        if piece:
            x, y = _place(square % FILES, square // FILES, orientation)
            color = _SIDES[color_of(piece)]
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), _PIECE, color, 2 * _FINER)
            draw.text((x, y), TRADITIONAL[piece], color, font, anchor="mm")
    if move is not None:
        half = round(_FINER * _STEP * 0.48)
        for square in (move.from_square, move.to_square):
            x, y = _place(square % FILES, square // FILES, orientation)
            draw.rectangle((x - half, y - half, x + half, y + half), outline=_MARKS[judgement], width=3 * _FINER)
    return picture.resize(size, Image.Resampling.LANCZOS)
