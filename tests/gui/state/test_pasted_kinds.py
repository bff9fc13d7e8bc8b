"""Every kind of text that sites and programs give to copy, through the command line and through the window's paste."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest
from xiangqi_gpt.data import sample_games
from xiangqi_gpt.gui.state.record_files import ClipboardKind, clipboard_kind, pasted_fen, read_chunks

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.records import Game, read_games
from xiangqi_gpt.records.formats.dhtmlxq_writer import format_dhtmlxq
from xiangqi_gpt.rules import Board, Move, to_chinese, to_wxf

GAMES = list(islice((game for game in read_games(sample_games()) if len(game.moves) > 70), 3))
#: A middlegame with Black to move, and how the game goes on.
MIDDLE = Game(root=GAMES[0].board(31).fen(), moves=GAMES[0].moves[31:61], result=GAMES[0].result)
RESULTS = {"1-0": "红胜", "0-1": "黑胜", "1/2-1/2": "和棋", "*": "未知"}


def written(game: Game, write: object, *, start: int = 0) -> list[str]:
    """The moves of a game in a notation."""
    board, words = Board(game.root), []
    for move in game.moves:
        words.append(write(board, move))  # type: ignore[operator]
        board.push(move)
    return words[start:]


def coordinates(board: Board, move: Move) -> str:
    return str(move)


def from_one(board: Board, move: Move) -> str:
    source, target = str(move)[:2], str(move)[2:]
    return f"{source[0]}{int(source[1]) + 1}{target[0]}{int(target[1]) + 1}"


def wxf_by_color(board: Board, move: Move) -> str:
    text = to_wxf(board, move)
    return text.lower() if board.turn else text


def numbered(words: list[str], first: int = 0, between: str = ". ") -> list[str]:
    """Rounds with their numbers; ``first`` is 1 where Black begins."""
    cells = [""] * first + words
    rounds = [cells[n : n + 2] for n in range(0, len(cells), 2)]
    return [f"{n}{between}{' '.join(word or '...' for word in pair)}" for n, pair in enumerate(rounds, 1)]


def playok(game: Game) -> str:
    rounds = numbered(written(game, wxf_by_color))
    lines = ["  ".join(rounds[n : n + 3]) for n in range(0, len(rounds), 3)]
    head = f"FORMAT  WXF\nRED     uno ; 1510 ;;\nBLACK   dos ; 1498 ;;\nRESULT  {game.result}\n"
    return f"{head}DATE    2021-03-04 05:06:07\nEVENT   PlayOK Game ; 5m+0s\nSTART{{\n" + "\n".join(lines) + " }END\n"


def xqstudio(game: Game) -> str:
    rounds = numbered(written(game, to_chinese))
    lines = ["    ".join(f"{text:>22}" for text in rounds[n : n + 2]) for n in range(0, len(rounds), 2)]
    rule = "-" * 52
    head = f"标题: 某杯第三轮\n红方: 丙\n黑方: 丁\n结果: {RESULTS[game.result]}\n"
    return f"{head}{rule}\n" + "\n".join(lines) + f"\n{rule}\n棋谱由XQStudio生成\n"


def address(game: Game) -> str:
    moves = "_".join(["moves", *written(game, coordinates)])
    return f"https://www.chessdb.cn/query/?{game.root.replace(' ', '_')}_{moves}"


WHOLE = {
    "PlayOK's WXF": playok,
    "two games in WXF": lambda game: playok(game) + "\n" + playok(GAMES[2]),
    "XQStudio's text": xqstudio,
    "DhtmlXQ in a post": lambda game: f"大家看看这盘：\n{format_dhtmlxq(game)}\n谢谢！",
    "address with moves": address,
    "UCI": lambda game: "position startpos moves " + " ".join(written(game, coordinates)),
    "UCI with a FEN, ranks from 1": lambda game: f"position fen {game.root} moves {' '.join(written(game, from_one))}",
    "FEN, then Chinese": lambda game: f"{game.root}\n" + "\n".join(numbered(written(game, to_chinese))),
    "FEN, then WXF": lambda game: f"fen {game.root}\n" + " ".join(numbered(written(game, wxf_by_color))),
    "FEN with a pocket, then coordinates": lambda game: (
        f'"{game.root.replace(" ", "[] ", 1)}"\n' + "\n".join(numbered(written(game, coordinates), between=") "))
    ),
}
LATER = {
    "address with moves in its query": lambda game: (
        f"https://example.org/?fen={game.root.replace('/', '%2F').replace(' ', '%20')}"
        f"&moves={','.join(written(game, coordinates))}"
    ),
    "UCI": lambda game: f"position fen {game.root} moves {' '.join(written(game, coordinates))}",
    "FEN, then Chinese": lambda game: f"{game.root}\n" + "\n".join(numbered(written(game, to_chinese), 1)),
    "FEN, then WXF": lambda game: f"FEN: {game.root}\n" + "\n".join(numbered(written(game, to_wxf), 1)),
    "address with moves": address,
    "address of a site with a pocket, then Chinese": lambda game: (
        f"https://www.pychess.org/analysis/xiangqi?fen={game.root.replace(' ', '[] ', 1).replace(' ', '_')}\n"
        + "，".join(written(game, to_chinese))
    ),
}
POSITIONS = (
    "https://www.pychess.org/analysis/xiangqi?fen={_}[]_b_-_-_0_7",
    "https://example.org/board#{%}%20b%20-%20-%200%207",
    "https://www.chessdb.cn/query/?{_}_b",
    "fen {_}[] b - - 0 7",
    "position fen {_} b - - 0 7",
    '"{_} b"',
    "{_} black - - 0 7",
    "局面：{_} b - - 0 7",
)


def through_command_line(text: str, folder: Path, name: str) -> list[Game]:
    source, target = folder / name, folder / "out.pgn"
    source.write_text(text, encoding="utf-8")
    assert main(["records", "convert", str(source), str(target), "--force"]) == 0
    return list(read_games(target))


def through_paste(text: str) -> list[Game]:
    assert clipboard_kind(text) is ClipboardKind.RECORD
    games = []
    for some, faults in read_chunks("", text):
        assert not faults
        games += some
    return games


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("game", GAMES[:2], ids=("first", "second"))
def test_a_game_comes_through_both_doors(name: str, game: Game, tmp_path: Path) -> None:
    text = WHOLE[name](game)
    for games in (through_command_line(text, tmp_path, "pasted.txt"), through_paste(text)):
        assert games[0].moves == game.moves and not games[0].flags
        assert len(games) == (2 if name.startswith("two") else 1)
        if name.startswith(("PlayOK", "two", "XQ", "Dhtml")):
            assert games[0].result == game.result
            assert name.startswith("Dhtml") or (games[0].tags["Red"], games[0].tags["Black"]) in (
                ("uno", "dos"),
                ("丙", "丁"),
            )


@pytest.mark.parametrize("name", LATER)
def test_a_game_from_a_position_comes_through_both_doors(name: str, tmp_path: Path) -> None:
    text = LATER[name](MIDDLE)
    for games in (through_command_line(text, tmp_path, "pasted.txt"), through_paste(text)):
        (found,) = games
        assert (found.moves, found.root.split()[:2]) == (MIDDLE.moves, MIDDLE.root.split()[:2]) and not found.flags


@pytest.mark.parametrize("form", POSITIONS)
def test_a_position_comes_through_both_doors(form: str, tmp_path: Path) -> None:
    board = Board(GAMES[1].board(25).board_fen() + " b")
    text = form.format(**{"_": board.board_fen(), "%": board.board_fen().replace("/", "%2F")})
    assert clipboard_kind(text) is ClipboardKind.FEN
    assert Board(pasted_fen(text)).fen().split()[:2] == board.fen().split()[:2]
    (game,) = through_command_line(text, tmp_path, "pasted.txt")
    assert game.root.split()[:2] == board.fen().split()[:2] and not game.moves


def test_a_file_in_wxf_is_read_by_its_ending_too(tmp_path: Path) -> None:
    (game,) = through_command_line(playok(GAMES[0]), tmp_path, "game.wxf")
    assert (game.moves, game.tags["RedElo"]) == (GAMES[0].moves, "1510")
