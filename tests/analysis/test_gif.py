"""A game as an animated picture."""

import io
import sys
from importlib import resources

import pytest

from xiangqi_gpt.analysis.errors import AnalysisError
from xiangqi_gpt.analysis.gif import format_gif, write_gif
from xiangqi_gpt.commands.main import main
from xiangqi_gpt.records import Game
from xiangqi_gpt.rules import BLACK, Move

MOVES = ("h2e2", "h9g7", "h0g2", "i9h9")
FONT = (resources.files("xiangqi_gpt.gui") / "assets" / "XiangqiPieces-Bold.ttf").read_bytes()


def game(*moves: str) -> Game:
    return Game(moves=[Move.from_uci(move) for move in moves])


def frames(content: bytes) -> list[bytes]:
    image = pytest.importorskip("PIL.Image").open(io.BytesIO(content))
    found = []
    for n in range(image.n_frames):
        image.seek(n)
        found.append(image.convert("RGB").tobytes())
    assert image.info["loop"] == 0
    return found


def test_every_position_has_a_picture_of_its_own() -> None:
    pytest.importorskip("PIL")
    pictures = frames(format_gif(game(*MOVES), piece_font=FONT))
    assert len(set(pictures)) == len(MOVES) + 1


def test_the_board_is_turned_and_mistakes_have_their_colour() -> None:
    pytest.importorskip("PIL")
    plain = frames(format_gif(game(*MOVES), piece_font=FONT))
    turned = frames(format_gif(game(*MOVES), piece_font=FONT, orientation=BLACK))
    marked = frames(format_gif(game(*MOVES), piece_font=FONT, judgements={3: "blunder"}))
    assert plain[0] != turned[0]
    assert [a == b for a, b in zip(plain, marked, strict=True)] == [True, True, True, False, True]
    fine, blunder = ((0x2F, 0x7D, 0x4F), (0xC1, 0x12, 0x1F))
    assert _has_color(plain[3], fine) and not _has_color(plain[0], fine)
    assert _has_color(marked[3], blunder) and not _has_color(marked[3], fine)


def _has_color(picture: bytes, color: tuple[int, int, int]) -> bool:
    """Whether a hundred pixels have about this colour."""
    pixels = zip(picture[::3], picture[1::3], picture[2::3], strict=True)
    return sum(max(abs(a - b) for a, b in zip(pixel, color, strict=True)) < 12 for pixel in pixels) > 100


def test_a_game_without_moves_and_a_missing_pillow_are_told(tmp_path, monkeypatch, capsys) -> None:
    path = tmp_path / "game.gif"
    with pytest.raises(AnalysisError, match="without moves"):
        write_gif(game(), path, piece_font=FONT)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(AnalysisError, match="Pillow"):
        write_gif(game(*MOVES), path, piece_font=FONT)
    (tmp_path / "game.pgn").write_text('[Event "x"]\n\n1. h2e2 h9g7 *\n')
    assert main(["analyse", str(tmp_path / "game.pgn"), "--glance", "--gif", str(path)]) == 2
    assert "Pillow" in capsys.readouterr().err and not path.exists()
