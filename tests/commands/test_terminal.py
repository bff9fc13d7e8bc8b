import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from patience import PATIENCE
from special_files import Pipe
from xiangqi_gpt.gui.state.languages import section

from xiangqi_gpt.commands import terminal
from xiangqi_gpt.commands.output import display_width
from xiangqi_gpt.commands.terminal import COMMANDS, TerminalGame
from xiangqi_gpt.commands.terminal_board import draw_board
from xiangqi_gpt.commands.terminal_words import TerminalWords
from xiangqi_gpt.players import Decision, GreedyPlayer, PlayerError
from xiangqi_gpt.records.formats.pgn import read_pgn
from xiangqi_gpt.rules import BLACK, RED, Board, Move, Wdl

# Red mates with b1b9.
MATE_IN_ONE = "5k3/R8/9/9/9/9/9/9/1R7/4K4 w - - 0 1"
PLAY = [sys.executable, "-m", "xiangqi_gpt", "play", "--terminal"]


class Scripted:
    """Answers with the given moves; a move that is an exception is raised."""

    name = "scripted"

    def __init__(self, *moves):
        self.moves = list(moves)

    def choose(self, board):
        move = self.moves.pop(0)
        if isinstance(move, Exception):
            raise move
        policy = {move: 0.6, next(iter(board.legal_moves)): 0.4}
        return Decision(move, policy, Wdl(0.5, 0.3, 0.2))


def scripted(*texts):
    return Scripted(*(Move.from_iccs(text) if isinstance(text, str) else text for text in texts))


@pytest.fixture
def session(capsys):
    """Plays a scripted session; gives the game and all that was printed."""

    def play(lines, player=None, side=RED, fen=None, **keywords):
        waiting = iter(lines)
        game = TerminalGame(player or GreedyPlayer(1), side, Board(fen) if fen else Board(), **keywords)
        game.run(lambda prompt: next(waiting, None))
        return game, capsys.readouterr().out

    return play


@pytest.mark.parametrize(
    "text", ["h2e2", "H2-E2", "h2->e2", "Ｈ２→Ｅ２", "炮二平五", "炮2平5。", "1. 炮 二 平 五", "C2.5", "  炮二平五  "]
)
def test_moves_in_every_notation_and_the_answer(session, text):
    game, out = session([text], scripted("h9g7"))
    assert [str(move) for move in game.board.move_stack] == ["h2e2", "h9g7"]
    assert "You play 炮二平五 (h2e2)" in out
    assert "Black plays 马８进７ (h9g7)  [60% likely; it expects 50% win, 30% draw, 20% loss]" in out


def test_a_refused_move_says_why_and_may_be_tried_again(session):
    game, out = session(["h2h8", "b0d1", "h9g7", "马二进五", "xyz", "h2e2"], scripted("h9g7"))
    assert "h2h8 is not legal: another piece is in the way" in out
    assert "b0d1 is not legal: the horse's leg is blocked" in out
    assert "h9g7 is not legal: it is red's move" in out
    assert "马二进五 is not legal" in out
    assert "'xyz' is neither a move nor a command" in out
    assert [str(move) for move in game.board.move_stack] == ["h2e2", "h9g7"]


def test_black_waits_for_red_and_sees_the_board_from_its_side(session):
    game, out = session(["h9g7"], scripted("h2e2", "h0g2"), side=BLACK)
    assert [str(move) for move in game.board.move_stack] == ["h2e2", "h9g7", "h0g2"]
    rows = [line for line in out.splitlines() if re.match(r" \d ", line)]
    assert rows[0].startswith(" 0 ")


def test_the_result_names_the_rule(session):
    game, out = session(["b1b9", "b9b8"], scripted(), fen=MATE_IN_ONE)
    assert "Game over: red wins (checkmate)" in out
    assert "The game is over: red wins (checkmate)" in out
    assert len(game.board.move_stack) == 1


def test_undo_takes_back_both_moves(session):
    game, out = session(["h2e2", "undo", "悔棋"], scripted("h9g7"))
    assert game.board.move_stack == []
    assert "Taken back: 炮二平五 (h2e2), 马８进７ (h9g7)" in out
    assert "There is no move of yours to take back." in out


def test_undo_for_black_keeps_reds_first_move(session):
    game, _ = session(["h9g7", "undo", "undo"], scripted("h2e2", "h0g2"), side=BLACK)
    assert [str(move) for move in game.board.move_stack] == ["h2e2"]


def test_hint_moves_nothing(session):
    game, out = session(["hint", "提示"], scripted("h2e2", "b2e2"))
    assert "Hint: 炮二平五 (h2e2); likeliest: 炮二平五 (h2e2) 60%" in out
    assert "Hint: 炮八平五 (b2e2)" in out
    assert game.board.move_stack == []


def test_resigning_and_taking_it_back(session):
    game, out = session(["resign", "h2e2", "undo", "h2e2"], scripted("h9g7"))
    assert "Game over: black wins (resignation)" in out
    assert "The game is over: black wins (resignation). Type new" in out
    assert "Your resignation is taken back." in out
    assert game.outcome is None
    assert len(game.board.move_stack) == 2


def test_new_game_with_the_other_side(session):
    game, out = session(["h2e2", "new black", "new purple"], scripted("h9g7", "b2e2"))
    assert game.side == BLACK
    assert [str(move) for move in game.board.move_stack] == ["b2e2"]
    assert "new red or new black, not 'purple'" in out


def test_fen_moves_legal_and_help(session):
    _, out = session(["h2e2", "fen", "moves", "legal h0", "legal k9", "help"], scripted("h9g7"))
    assert "rnbakab1r/9/1c4nc1/p1p1p1p1p/9/9/P1P1P1P1P/1C2C4/9/RNBAKABNR w - - 2 2" in out
    assert "  1. 炮二平五 (h2e2)  马８进７ (h9g7)" in out
    assert "马二进一 (h0i2)" in out
    assert "'k9' is not a square" in out
    assert all(word in out for word in ("undo", "悔棋", "save [FILE]", "认输", "quit"))


def test_saving(session, tmp_path):
    file = tmp_path / "game.pgn"
    other = tmp_path / "other.pgn"
    other.write_text("precious")
    _, out = session(
        ["h2e2", f"save {file}", "undo", f"保存 {file}", f"save {other}", "save", f"save {tmp_path}/no/x.pgn"],
        scripted("h9g7"),
    )
    assert out.count(f"Saved: {file}") == 3
    assert f"{other} exists already" in out
    assert other.read_text() == "precious"
    assert "Not saved: " in out
    (game,) = read_pgn(file)
    assert game.moves == []
    assert (game.tags["Red"], game.tags["Black"]) == ("you", "scripted")


@pytest.mark.parametrize("name", ["~nobody-of-this-name/x.pgn", "a\0b", "x" * 300])
def test_a_name_that_cannot_be_saved_to_does_not_end_the_game(session, name):
    game, out = session([f"save {name}", "h2e2"], scripted("h9g7"))
    assert "Not saved: " in out
    assert len(game.board.move_stack) == 2


def test_the_end_offers_to_save_and_what_was_saved_before_can_have_the_end(session, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, out = session(["h2e2", "save", "resign", "save"], scripted("h9g7"))
    (file,) = tmp_path.iterdir()
    assert re.fullmatch(r"xiangqi-[-0-9]{17}\.pgn", file.name)
    assert f"The file {file.name} does not have this end yet" in out and out.count(f"Saved: {file.name}") == 2
    (game,) = read_pgn(file)
    assert game.result == "0-1"
    _, out = session(["b1b9", "新局", "resign"], scripted(), fen=MATE_IN_ONE)
    assert out.count("To keep the game: save xiangqi-") == 1, "without a move there is nothing to keep"


@pytest.mark.parametrize("letters", [False, True])
@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("gpt,level=7", "GPT · Level 7: knows some openings, drops pieces (Elo 1148)"),
        ("gpt", "GPT: the model, always its likeliest move"),
        ("gpt:runs/first", "GPT · first"),
        ("uci:pikafish,nodes=1000", "pikafish: UCI engine, 1000 nodes a move"),
        ("", "scripted"),
    ],
)
def test_the_opponent_is_named_with_its_level_on_the_screen_and_in_the_file(session, tmp_path, spec, name, letters):
    file = tmp_path / "game.pgn"
    _, out = session(["h2e2", f"save {file}"], scripted("h9g7"), spec=spec, words=TerminalWords(letters=letters))
    name = name.replace(" · ", ", ") if letters else name
    assert f"You play Red against {name}. Type a move" in out
    (game,) = read_pgn(file)
    assert game.tags["Black"] == name.partition(":")[0]


def test_a_saved_game_keeps_moves_and_result(session, tmp_path):
    session(["h2e2", "resign", f"save {tmp_path / 'game.pgn'}"], scripted("h9g7"))
    (game,) = read_pgn(tmp_path / "game.pgn")
    assert [str(move) for move in game.moves] == ["h2e2", "h9g7"]
    assert game.result == "0-1"


def test_a_failing_player_can_be_asked_again(session):
    game, out = session(["h2e2", "a0a1", ""], scripted(PlayerError("it died: \x1b[2J"), "h9g7"))
    assert "The other player has failed: it died: \\u001b[2J" in out
    assert "It is not your move" in out
    assert [str(move) for move in game.board.move_stack] == ["h2e2", "h9g7"]


def test_a_player_that_moves_illegally_does_not_spoil_the_board(session):
    game, out = session(["h2e2", "undo"], scripted("a0a9"))
    assert "The other player has failed: a0a9 is not legal" in out
    assert game.board.move_stack == []


def test_quit_words(session):
    for word in ("quit", "q", "exit", "退出", "QUIT", "ｑｕｉｔ", "　退出　"):
        game, _ = session([word, "h2e2"])
        assert game.board.move_stack == []


def test_without_chinese_nothing_chinese_is_printed(session):
    _, out = session(["h2e2", "moves", "legal", "help", "resign"], scripted("h9g7"), words=TerminalWords(letters=True))
    assert out.isascii()
    assert "You play C2.5 (h2e2)" in out


def test_a_chinese_session_has_no_english_in_it(session):
    lines = [
        "xyz",
        "b0d1",
        "h2e2",
        "悔棋",
        "提示",
        "新局 紫",
        "着法 k9",
        "棋子 圆",
        "悔棋",
        "帮助",
        "棋谱",
        "h2e2",
        "认输",
        "保存 /no/x.pgn",
    ]
    _, out = session(lines, scripted("h9g7", "b2e2", "h9g7"), words=TerminalWords("zh"), fen=Board().fen())
    assert "你执红方，对手：scripted" in out and "蹩马腿" in out and "黑胜（红方认输）" in out
    commands = {name for command in COMMANDS.values() for name in command.names}
    known = {*commands, "scripted", "xyz", "FEN", "xiangqi", "pgn", "PGN"}
    words = set(re.findall("[A-Za-z]{3,}", out.replace("/no/x.pgn", "")))
    assert words <= known, words - known


def test_every_sentence_has_its_chinese():
    source = Path(terminal.__file__).read_text("utf-8")
    said = re.findall(r'(?:_say|words)\(\s*"([^"]+)"', source)
    assert len(said) > 20
    said += [key for command in COMMANDS.values() for key in (command.help, command.argument) if key]
    assert set(said) <= set(section("zh", "terminal"))


def test_hints_of_a_weakened_model_come_from_it_at_its_best(session, monkeypatch):
    asked = []
    monkeypatch.setattr(terminal, "load_player", lambda spec: asked.append(spec) or scripted("h2e2"))
    game, _ = session([], scripted())
    game.adviser_spec = terminal.at_its_best("gpt,level=2")
    game.obey("hint")
    assert asked == ["gpt"]


# --- the board as text


@pytest.mark.parametrize("style", ["traditional", "simplified"])
@pytest.mark.parametrize("flipped", [False, True])
def test_the_columns_line_up(style, flipped):
    lines = draw_board(Board(), style=style, flipped=flipped).splitlines()
    assert {display_width(line) for line in lines if re.match(r" \d ", line)} == {4 + 3 * 9}
    assert len(lines) == 10 + 1 + 3


def test_the_board_shows_what_stands_where():
    board = Board()
    board.push_text("h2e2")
    lines = draw_board(board, style="letters").splitlines()
    assert lines[0].split() == ["9", *"rheakaehr"]
    assert lines[7].split() == ["2", *".C..C...."]
    assert draw_board(board, style="letters", flipped=True).splitlines()[0].split() == ["0", *"RHEAKAEHR"]


def test_colour_only_when_asked_for():
    board = Board()
    board.push_text("h2e2")
    plain, painted = draw_board(board), draw_board(board, color=True)
    assert "\x1b" not in plain
    bare = re.sub(r"\x1b\[[0-9;]*m", "", painted)
    assert bare.replace("＋", "・") == plain
    red, black = painted.splitlines()[10], painted.splitlines()[1]  # ranks 0 and 9
    assert "38;5;124" not in black
    assert "38;5;16m" not in red


# --- the real command


def run(text, *options, **environment):
    """In a process of its own: for what pipes, a terminal or the environment change."""
    return subprocess.run(
        [*PLAY, *options],
        input=text,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={**os.environ, **environment},
    )


@pytest.mark.slow
def test_a_piped_session_through_the_command():
    done = run("炮二平五\nquit\n", "--player", "greedy")
    assert done.returncode == 0, done.stderr
    assert "Red to move> 炮二平五" in done.stdout
    assert "Black plays" in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


def test_the_end_of_the_input_quits(program, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("h2e2\n"))
    done = program("play", "--terminal", "--player", "random", "--seed", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Black plays" in done.stdout


def test_the_same_seed_gives_the_same_session(program, monkeypatch):
    said = []
    for _ in range(2):
        monkeypatch.setattr(sys, "stdin", io.StringIO("h2e2\nh0g2\nb0c2\n"))
        said.append(program("play", "--terminal", "--player", "random", "--seed", "5").stdout)
    assert said[0] == said[1]
    assert said[0].count("Black plays") == 3


def test_the_language_is_that_of_the_system_unless_it_is_chosen(program, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    for options, said in (((), "你执红方，对手：贪吃"), (("--language", "en"), "You play Red against Greedy")):
        monkeypatch.setattr(sys, "stdin", io.StringIO("退出\n"))
        assert said in program("play", "--terminal", "--player", "greedy", *options).stdout


@pytest.mark.slow
def test_a_terminal_that_cannot_write_chinese():
    done = run("C2.5\nquit\n", "--player", "greedy", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert "?" not in done.stdout
    assert "You play C2.5 (h2e2)" in done.stdout


@pytest.mark.slow
def test_bytes_that_are_no_text_are_survived():
    done = subprocess.run(
        [*PLAY, "--player", "greedy"],
        input=b"\xff\xfe\n\x80\nquit\n",
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    assert b"neither a move nor a command" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("no_color", "painted"), [("", True), pytest.param("1", False, marks=pytest.mark.slow)])
def test_colours_in_a_real_terminal_unless_refused(no_color, painted):
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*PLAY, "--player", "greedy"],
        stdin=theirs,
        stdout=theirs,
        env={**os.environ, "NO_COLOR": no_color, "TERM": "xterm"},
    )
    os.close(theirs)
    os.write(ours, "炮二平五\nquit\n".encode())
    shown = b""
    with contextlib.suppress(OSError):  # the end of a pseudo-terminal is an error on Linux
        while chunk := os.read(ours, 65536):
            shown += chunk
    os.close(ours)
    assert process.wait(PATIENCE) == 0
    assert "You play 炮二平五 (h2e2)" in shown.decode()
    assert (b"\x1b[48;5;180m" in shown) == painted


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--player", "nobody"], "unknown player 'nobody'"),
        (["--player", "greedy", "--fen", "9/9 w"], "a board has 10 ranks"),
        (["--player", "greedy", "--seed", "-1"], "--seed must be at least 0, not -1"),
        (["--player", "greedy", "--fen", "9/9/9/9/9/9/9/9/9/4K4 w - - 0 1"], "black has no king"),
    ],
)
def test_bad_input_is_one_line_and_status_2(options, message, refusal):
    assert message in refusal(["play", "--terminal", *options])


@pytest.mark.slow
def test_play_py_is_a_door_to_the_same_command():
    door = Path(__file__).parents[2] / "play.py"
    done = subprocess.run(
        [sys.executable, str(door), "--terminal", "--player", "greedy"],
        input="fen\n",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert Board().fen() in done.stdout


def test_a_game_is_saved_through_a_pipe(session, tmp_path):
    pipe = Pipe(tmp_path / "pipe").start()
    _, out = session(["h2e2", f"save {pipe.path}"], scripted("h9g7"))
    assert "Saved: " in out and b"1. h2e2 h9g7" in pipe.read() and list(tmp_path.iterdir()) == [pipe.path]
