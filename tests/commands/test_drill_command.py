"""``xiangqi-gpt drill``: mistakes of a folder of games, kept, tried in the terminal, exported and deleted."""

import io
import json

import pytest
from random_models import save_random_model

from xiangqi_gpt.analysis import judges
from xiangqi_gpt.analysis.drill import Checked, check_try
from xiangqi_gpt.commands.main import main
from xiangqi_gpt.rules import Board, Move
from xiangqi_gpt.user_store import DrillDeck, UserStore

#: 3. i0h0 loses a rook to the rear cannon.
ROOK = '[Red "Wang Hao"]\n[Black "Li"]\n\n1. h2e2 h7h3 2. h0g2 b7h7 3. i0h0 h7h0 *\n'


@pytest.fixture(autouse=True)
def own_data(tmp_path, monkeypatch):
    path = tmp_path / "own" / "user.sqlite"
    monkeypatch.setattr("xiangqi_gpt.user_store.database.user_store_path", lambda: path)
    return path


@pytest.fixture
def model(tmp_path):
    (tmp_path / "model").mkdir()
    save_random_model(tmp_path / "model", seed=1)
    return str(tmp_path / "model")


@pytest.fixture
def games(tmp_path):
    folder = tmp_path / "games" / "inner"
    folder.mkdir(parents=True)
    (folder / "rook.pgn").write_text(ROOK, encoding="utf-8")
    (folder / "notes.md").write_text("no record", encoding="utf-8")
    return str(tmp_path / "games")


def kept(own_data):
    with UserStore(own_data) as store:
        return DrillDeck(store).all()


def test_the_mistakes_of_one_player_are_kept_and_tried_again(games, model, own_data, capsys, monkeypatch):
    assert main(["drill", games, "--player", "nobody", "--model", model, "--nodes", "20"]) == 0
    assert "0 games reviewed" in capsys.readouterr().out
    assert main(["drill", games, "--player", "wang", "--model", model, "--nodes", "20"]) == 0
    (card,) = [card for card in kept(own_data) if card.position.played == "i0h0"]
    assert card.position.refutation[0] == "h7h0" and card.position.game.startswith("Wang Hao")
    assert {card.position.fen.split()[1] for card in kept(own_data)} == {"w"}, "of Red alone"
    assert main(["drill", games, "--player", "wang", "--model", model, "--nodes", "20"]) == 0
    assert " 0 new positions" in capsys.readouterr().out
    answers = "nonsense\ni0h0\n" + card.position.best + "\n" + "?\n" * 20
    monkeypatch.setattr("sys.stdin", io.StringIO(answers))
    assert main(["drill", "--model", model, "--nodes", "20"]) == 0
    said = capsys.readouterr().out
    assert "refuted by" in said and "right at the first try" in said
    assert all(card.tries == 1 for card in kept(own_data))
    assert main(["drill", "--model", model]) == 0
    assert "nothing is due" in capsys.readouterr().out


def test_leaving_keeps_what_was_not_tried_due(games, model, own_data, monkeypatch):
    main(["drill", games, "--model", model, "--nodes", "20"])
    monkeypatch.setattr("sys.stdin", io.StringIO("q\n"))
    assert main(["drill", "--model", model]) == 0
    assert all(card.tries == 0 for card in kept(own_data))


def test_leaving_after_a_wrong_try_counts_it(games, model, own_data, monkeypatch, capsys):
    main(["drill", games, "--player", "wang", "--model", model, "--nodes", "20"])
    monkeypatch.setattr("xiangqi_gpt.analysis.drill.check_try", lambda *_: Checked(False, ()))
    monkeypatch.setattr("sys.stdin", io.StringIO("e0e1\nq\n"))
    assert main(["drill", "--model", model]) == 0
    said = capsys.readouterr().out
    assert "0 of 1 right" in said and "refuted by" not in said and "wrong; try again" in said
    assert sorted(card.tries for card in kept(own_data))[-1] == 1


def test_own_data_is_listed_exported_and_deleted(games, model, own_data, tmp_path, capsys):
    main(["drill", games, "--model", model, "--nodes", "20"])
    capsys.readouterr()
    assert main(["drill", "--list"]) == 0
    assert "Wang Hao" in capsys.readouterr().out
    copy = tmp_path / "copy.json"
    assert main(["drill", "--export", str(copy)]) == 0
    assert len(json.loads(copy.read_text("utf-8"))["tables"]["drill_cards"]) == len(kept(own_data)) > 0
    assert main(["drill", "--export", str(copy)]) == 2
    assert main(["drill", "--delete"]) == 0
    assert not kept(own_data)
    capsys.readouterr()
    assert main(["drill", "--delete"]) == 0
    assert "no positions are kept" in capsys.readouterr().out


def test_another_move_as_good_as_the_best_is_right(model):
    board = Board("3k5/9/9/r8/9/9/9/9/9/R3K4 w - - 0 1")
    judge = judges.make_judge(judges.SearchPlayer.load(model, threads=1))
    assert check_try(judge, board, Move.from_iccs("a0a6"), Move.from_iccs("a0a6"), 20).is_right
    wrong = check_try(judge, board, Move.from_iccs("a0a6"), Move.from_iccs("a0a5"), 20)
    assert not wrong.is_right and str(wrong.line[0]) == "a6a5"
    mates = Board("3k5/R8/9/9/9/9/9/9/1R7/4K4 w - - 0 1")
    assert check_try(judge, mates, Move.from_iccs("b1b9"), Move.from_iccs("b1b9"), 20).is_right
