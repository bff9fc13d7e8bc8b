"""Files and engines that are broken, very large or gone: told in one line in the window's language, nothing lost."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pygame
import pytest
from gui_helpers import Window, asked
from patience import PATIENCE
from random_models import save_random_model
from study_window import GAME, OpenWindow, studied
from xiangqi_gpt.gui.dialogs.games_dialog import GamesDialog
from xiangqi_gpt.gui.state.intents import GoTo, OpenRecord
from xiangqi_gpt.gui.state.record_files import MOST_GAMES
from xiangqi_gpt.gui.worker.messages import Annotate, Failed, Read, Reply, Watch
from xiangqi_gpt.gui.worker.serving import Players, _begin, _guarded

from xiangqi_gpt.players import load_player

FAKE = Path(__file__).parents[1] / "players" / "fake_engine.py"


def answer_really(window: Window, request: Annotate | Read | Watch, players: Players | None = None) -> Reply:
    """Answer a question as the players' process does, until all has been said, each move was searched, or it failed."""
    players = players or Players(1, lambda spec, seed: load_player(spec, seed=seed))
    parts = _begin(request, players, lambda: False)
    while True:
        reply = _guarded(request, partial(next, parts))
        window.answer(reply)
        if isinstance(reply, Failed) or getattr(reply, "done", True) or getattr(reply, "nodes", 0):
            return reply


def opened(open_window: OpenWindow, path: Path, **values: object) -> Window:
    window = open_window(**values)
    window.app.carry_out(OpenRecord(str(path)))
    answer_really(window, asked(window.thinker, Read)[-1])
    return window


@pytest.mark.parametrize(
    ("language", "told", "where"),
    [("en", "faults: 1", "game 1, ply 3, line 3"), ("zh", "有 1 处错误", "第 1 局，第 3 步，文件第 3 行")],
)
def test_a_broken_variation_is_cut_where_it_breaks_and_all_else_is_there(
    open_window: OpenWindow, tmp_path: Path, language: str, told: str, where: str
) -> None:
    broken, sound = "(1... b9c7 2. a0a9 a9a8)", "(1... c6c5 2. g3g4)"
    record = f'[Red "Wang"]\n\n1. h2e2 h9g7 {broken} {sound}\n2. h0g2 {{well}} i9h9 1-0\n'
    (tmp_path / "broken.pgn").write_text(record, encoding="utf-8")
    window = opened(open_window, tmp_path / "broken.pgn", language=language)
    study = window.app.controller.analysis.study
    assert [str(move) for move in study.main_moves] == ["h2e2", "h9g7", "h0g2", "i9h9"]
    lines = [[str(node.move) for node in (first, *first.mainline())] for first in study.main_line[0].variations[1:]]
    assert lines == [["b9c7"], ["c6c5", "g3g4"]] and study.main_line[2].comment == "well"
    assert told in window.status
    (fault,) = window.app.controller.analysis.file.faults
    assert window.app.screen.texts.fault(fault).startswith(where)


@pytest.mark.parametrize(("language", "words"), [("en", "The engine stopped"), ("zh", "引擎意外退出")])
def test_an_engine_that_dies_in_the_middle_of_a_line_is_told_of_and_the_model_goes_on(
    open_window: OpenWindow, tmp_path: Path, language: str, words: str
) -> None:
    save_random_model(tmp_path, seed=3)
    engine = f"uci:{sys.executable},nodes=1,timeout={PATIENCE},processes=1,args={FAKE} dies-in-a-line"
    players = Players(1, lambda spec, seed: load_player(spec if spec == engine else f"gpt:{tmp_path}", seed=seed))
    window = studied(open_window, language=language, analyst=engine, lines=1)
    window.app.controller.clear_notice()
    request = asked(window.thinker, Watch)[-1]
    assert request.deep == engine
    assert isinstance(answer_really(window, request, players), Failed)
    assert window.status.startswith(words) and "\n" not in window.status
    watch, review = asked(window.thinker, Watch)[-1], asked(window.thinker, Annotate)[-1]
    assert watch.deep == review.deep == "" and len(window.app.controller.analysis.study.main_moves) == len(GAME.moves)
    answer_really(window, review, players)
    assert all(note.nodes for note in window.app.controller.analysis.study.notes.values())
    players.unload(engine)


@pytest.mark.parametrize(("language", "gone"), [("en", "no such file"), ("zh", "找不到棋谱文件")])
def test_a_corpus_that_changes_or_vanishes_is_told_of_and_its_games_stay(
    open_window: OpenWindow, tmp_path: Path, language: str, gone: str
) -> None:
    duckdb = pytest.importorskip("duckdb")
    corpus = tmp_path / "own.parquet"

    def write(red: str) -> None:
        games = f"select unnest(['h2e2', 'h2e2 h9g7']) as moves, '{red}' as red, '1-0' as result"
        duckdb.sql(games).write_parquet(str(corpus))

    write("Wang")
    window = opened(open_window, corpus, language=language)
    file = window.app.controller.analysis.file
    kept = list(file.games)
    assert [game.tags["Red"] for game in kept] == ["Wang"] * 2

    def search(words: str) -> str:
        window.app.carry_out(OpenRecord(str(corpus), words=words))
        answer_really(window, asked(window.thinker, Read)[-1])
        return window.status

    corpus.unlink()
    assert gone in search("wang") and file.games == kept and not file.is_reading
    corpus.write_bytes(b"PAR1 and no more")
    assert "Parquet" in search("wang") and file.games == kept
    window.key(pygame.K_ESCAPE)
    write("Li")
    search("li")
    assert [game.tags["Red"] for game in file.games] == ["Li"] * 2


@pytest.mark.slow
def test_a_file_of_20000_games_is_listed_sorted_and_searched(open_window: OpenWindow, tmp_path: Path) -> None:
    games = (
        f'[Red "Red {n % 7}"]\n[Black "Black {n}"]\n[Date "{1900 + n % 100}"]\n\n1. h2e2 h9g7 1-0\n\n'
        for n in range(MOST_GAMES + 5)
    )
    (tmp_path / "many.pgn").write_text("".join(games), encoding="utf-8")
    window = opened(open_window, tmp_path / "many.pgn")
    dialog = window.app.dialog
    assert isinstance(dialog, GamesDialog) and len(window.app.controller.analysis.file.games) == MOST_GAMES
    assert f"{MOST_GAMES:,}" in window.status
    window.click(dialog.order._cells()[3].center)
    assert dialog._indices[1:3] == [0, 100], "by year; the first line is the game that is played"
    window.click(dialog.field.rect.center)
    window.type("19999 1-0")
    window.key(pygame.K_RETURN)
    assert window.app.controller.analysis.study.tag("Black") == "Black 19999"


WALKS = (("a0a1", "i0i1", "a1a0", "i1i0"), ("a9a8", "i9i8", "a8a9", "i8i9"))  # Red's rooks and Black's, for ever
REMARK = " {a remark about this move, as long as remarks are}"


def great_study(lines: int, length: int) -> str:
    """A record with so many variations, four at a move, each so long, and a remark at every second move of them."""
    written = []
    for ply in range(lines // 4):
        made = [(ply + 1) // 2, ply // 2]  # by either side
        written.append(WALKS[ply % 2][made[ply % 2] % 4])
        for file in "cdef":
            moves, walked = [f"b{7 if ply % 2 else 2}{file}{7 if ply % 2 else 2}"], list(made)
            for at in range(ply + 1, ply + length):
                moves.append(WALKS[at % 2][walked[at % 2] % 4] + REMARK * (at % 2))
                walked[at % 2] += 1
            written.append(f"({' '.join(moves)})")
    return f'[Event "A study"]\n\n{" ".join(written)} *\n'


@pytest.mark.slow
def test_a_study_of_226000_moves_stays_readable(open_window: OpenWindow, tmp_path: Path) -> None:
    (tmp_path / "study.pgn").write_text(great_study(lines=348, length=650), encoding="utf-8")
    window = opened(open_window, tmp_path / "study.pgn")
    study, moves = window.app.controller.analysis.study, window.app.screen.analyse_panel.moves
    assert not window.app.controller.analysis.file.faults and len(study.main_moves) == 87
    window.app.draw()
    assert len(moves._layout.cells) < 1_500, "long variations show their first move alone"
    first = study.main_line[40].parent.variations[-1]  # type: ignore[union-attr]
    window.app.carry_out(GoTo(first))
    window.key(pygame.K_END)
    assert study.shown == 40 + 650 and study.current.comment.startswith("a remark")
    place = moves.place_of(study.current)
    assert place is not None and window.surface.get_rect().contains(place), "the list follows"
    study.write_comment("mine")
    window.app.controller.analysis.sync_requests(True)
    assert sum(1 for _ in study.to_game().descendants()) == 87 + 348 * 650
