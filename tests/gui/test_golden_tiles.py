"""How the window looks, tile by tile, beside pictures that a person has looked at: themes, piece faces, languages.

Run: python tests/gui/test_golden_tiles.py --renew     (draws golden/ anew, after a look was changed on purpose)
"""

from __future__ import annotations

import sys
import tempfile
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pygame
import pytest
from gui_helpers import FakeClock, FakeThinker, Window
from xiangqi_gpt.gui.app import App
from xiangqi_gpt.gui.state.clock import GameClock
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.session import HUMAN, GameSession
from xiangqi_gpt.gui.state.settings import Settings, Store, in_language
from xiangqi_gpt.gui.state.theme import FACES, THEMES
from xiangqi_gpt.gui.widgets.layout import Layout

from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.players.time_control import TimeControl
from xiangqi_gpt.rules import Move
from xiangqi_gpt.rules.wdl import Wdl

Pixels = npt.NDArray[np.uint8]

GOLDEN: Final = Path(__file__).with_name("golden")
LOOKS: Final = tuple(product(THEMES, FACES, ("en", "zh")))  # another language changes letters, not drawing
PANEL_FACES: Final = "traditional"  # faces change nothing but the board
SIZE: Final = (800, 600)
#: Black's last move takes a pawn and gives check; Red's horse can take the rook or step between.
FEN: Final = "5k3/9/9/9/3P5/9/4P2r1/3c2N2/5Cnp1/3AK1B1R b - - 0 1"
MOVES: Final = ("f9f8", "i0h0", "h3e3")
POLICY: Final = {Move.from_iccs("g2e3"): 0.72, Move.from_iccs("g2e1"): 0.2, Move.from_iccs("f1e1"): 0.08}
#: The part of the board that is kept: all that happens, half of the river, and the edge with its numerals.
LEFT, RIGHT, TOP = "d0", "h0", "d4"

#: Side of a tile, in pairs of pixels. How far a pair may be off (of 255), what share of a tile's pairs may be further
#: off, and how far the tile's mean colour may be. Another rasteriser of fonts stays below; a mark or a stroke does not.
TILE: Final = 12
NEAR: Final = 48
FEW: Final = 0.01
MEAN: Final = 5.0


def draw(folder: Path, theme: str, faces: str, language: str) -> dict[str, Pixels]:
    """A game against a level with clocks and the model's ideas shown, Red in check with the horse in hand: the board
    with the arrows of the ideas (in English with a hint), and the panel as far as the buttons below the record.
    """
    pygame.display.init()
    settings = in_language(Settings(theme=theme, faces=faces, animation=False, show_ideas=True), language)
    session = GameSession((HUMAN, "gpt,level=6"), FEN, GameClock(TimeControl.parse("600+3x30")))
    for iccs in MOVES:
        session.play(Move.from_iccs(iccs))
    for ply in range(len(MOVES) + 1):
        session.opinions.keep(ply, Decision(next(iter(POLICY)), POLICY, Wdl(0.5 - ply / 10, 0.3, 0.2 + ply / 10)))
    thinker, clock = FakeThinker(), FakeClock()
    app = App(session, settings, Store(folder, folder), thinker, clock=clock, size=SIZE)  # type: ignore[arg-type]
    try:
        window = Window(app, thinker, clock)
        window.click("g2")
        if language == "en":
            window.key(pygame.K_h)
        panel, board, half = Layout.of(SIZE).panel, window.geometry.rect, window.geometry.cell // 2
        left, right, top = window.at(LEFT)[0] - half, window.at(RIGHT)[0] + half, window.at(TOP)[1] - half
        squares = pygame.Rect(left, top, right - left, board.bottom - top)
        record = pygame.Rect(panel.x, panel.y, panel.width, app.screen.panel.controls.buttons[Command.FIRST].rect.y)
        pixels = pygame.surfarray.array3d(window.surface)
    finally:
        app.close()
    # The wood's grain does not compress: half the size and an eighth of the shades say all there is to compare.
    coarse = halved(pixels[squares.left : squares.right, squares.top : squares.bottom]) // 8 * 8
    parts = {"board": coarse.astype(np.uint8)}
    if faces == PANEL_FACES:
        parts["panel"] = pixels[record.left : record.right, record.top : record.bottom]
    return parts


def halved(pixels: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """(w // 2, h // 2, 3) means of two by two pixels of (w, h, 3)."""
    width, height = (side // 2 * 2 for side in pixels.shape[:2])
    return pixels[:width, :height].reshape(width // 2, 2, height // 2, 2, 3).mean((1, 3), dtype=np.float32)


def wrong_tiles(seen: npt.NDArray[Any], golden: npt.NDArray[Any]) -> list[tuple[int, int]]:
    """Left upper corners of the tiles that look different."""
    off = seen.astype(np.float32) - golden
    wrong = []
    for x, y in product(range(0, off.shape[0], TILE), range(0, off.shape[1], TILE)):
        tile = off[x : x + TILE, y : y + TILE]
        if (np.abs(tile).max(axis=2) > NEAR).mean() > FEW or np.abs(tile.mean((0, 1))).max() > MEAN:
            wrong.append((x, y))
    return wrong


def path_of(look: tuple[str, str, str], part: str) -> Path:
    return GOLDEN / f"{'-'.join(look)}-{part}.png"


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_the_window_looks_as_it_should(look: tuple[str, str, str], tmp_path: Path) -> None:
    for part, seen in draw(tmp_path, *look).items():
        golden = pygame.surfarray.array3d(pygame.image.load(path_of(look, part)))
        assert seen.shape == golden.shape, f"the {part} has another size: what is kept of it has moved"
        wrong = wrong_tiles(seen, golden) if part == "board" else wrong_tiles(halved(seen), halved(golden))
        if wrong:
            kept = tmp_path / f"{part}.png"
            pygame.image.save(pygame.surfarray.make_surface(seen), kept)
            pytest.fail(f"{kept} differs from {path_of(look, part).name} in the tiles at {wrong}")


def main() -> None:
    """Draw the pictures anew."""
    GOLDEN.mkdir(exist_ok=True)
    for look in LOOKS:
        with tempfile.TemporaryDirectory() as folder:
            for part, pixels in draw(Path(folder), *look).items():
                pygame.image.save(pygame.surfarray.make_surface(pixels), path_of(look, part))


if __name__ == "__main__":
    if sys.argv[1:] != ["--renew"]:
        sys.exit(__doc__)
    main()
