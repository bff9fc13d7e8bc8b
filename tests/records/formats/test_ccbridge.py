"""CCBridge's files: CBR, CBL old and new, CBF."""

from __future__ import annotations

from pathlib import Path

import pytest
from ccbridge_files import END, LINES, OLD_LINES, START_BOARD, cbf, cbl, cbr, entry, old_library, old_record, packed
from peer import read_by_peer
from record_games import lines_of, tree_of

from xiangqi_gpt.records import CorpusError, RecordError, read_games
from xiangqi_gpt.records.formats.cbf import read_cbf
from xiangqi_gpt.records.formats.cbl import read_cbl
from xiangqi_gpt.records.formats.cbr import read_cbr
from xiangqi_gpt.rules import BLACK, START_FEN

TREE = [
    ("h2e2", "中炮", [("h9g7", "", [("h0g2", "", [])]), ("b9c7", "", [("b0c2", "", [])]), ("h7e7", "顺炮", [])]),
]


@pytest.mark.parametrize(("version", "moves"), [(1, packed(LINES)), (2, LINES), (3, LINES), (2, LINES[12:])])
def test_a_record_of_each_version(tmp_path: Path, version: int, moves: bytes) -> None:
    path = tmp_path / "a.cbr"
    path.write_bytes(cbr(moves, version=version))
    (game,) = read_games(path)
    assert (tree_of(game), game.root, game.result) == (TREE, START_FEN, "1-0")
    assert game.tags == {"Title": "标题", "Red": "红方", "Black": "黑"}
    assert game.comments.get(0) == ("开局" if len(moves) == len(LINES) else None)


def test_the_real_record(samples: Path) -> None:
    (game,) = read_games(samples / "position.cbr")
    assert (len(game.moves), len(lines_of(game))) == (28, 12)
    assert game.tags["Title"] == "黄丹青讲座004-破解新式弃马局的攻防要领"
    assert (game.comments[14], game.comments[28]) == ("不能退马", "优")
    (peer,) = read_by_peer(samples / "position.cbr")
    assert (list(map(str, game.moves)), 12, game.root.split()[:2]) == (peer.moves, peer.lines, peer.root)


def test_the_real_library(samples: Path) -> None:
    """Of its 38 entries two are headings, with no piece on the board; the last was deleted and is there twice."""
    path = samples / "tournament_35_games.cbl"
    games = list(read_games(path))
    peers = read_by_peer(path)
    headings = [peer for peer in peers if not peer.moves]
    assert (len(games), len(peers), [peer.title.partition("（")[0] for peer in headings]) == (
        36,
        38,
        ["龙化杯象棋名师邀请赛对局"] * 2,
    )
    assert games[-1].moves == games[-2].moves
    for game, peer in zip(games, (peer for peer in peers if peer.moves), strict=True):
        assert (list(map(str, game.moves)), len(lines_of(game)), game.root.split()[:2]) == (
            peer.moves,
            peer.lines,
            peer.root,
        )
        assert game.tags["Event"] == "1989年龙化杯象棋名师邀请赛" and game.year == 1989
    assert (games[0].tags["Red"], games[0].tags["RedTeam"], games[0].result) == ("徐天红", "江苏", "1/2-1/2")


@pytest.mark.parametrize("slots", [3, 128, 140, 2**31])
def test_records_are_found_whatever_the_header_says(tmp_path: Path, slots: int) -> None:
    heading = cbr(entry("", END), board=bytes(90))
    raw = bytearray(cbl(cbr(LINES), heading, cbr(LINES + entry("", 0, "x" * 3000)), cbr(LINES), slots=3))
    raw[60:64] = slots.to_bytes(4, "little")
    (tmp_path / "a.cbl").write_bytes(raw)
    games = list(read_cbl(tmp_path / "a.cbl"))
    assert [tree_of(game) for game in games] == [TREE] * 3
    assert games[0].tags["Event"] == "棋库"


def test_a_cut_library_says_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.cbl"
    path.write_bytes(cbl(cbr(LINES), cbr(LINES), cbr(LINES))[: 101952 + 4096 + 2240])
    problems: list[RecordError] = []
    games = list(read_cbl(path, on_illegal="cut", problems=problems))
    assert [len(game.moves) for game in games] == [3, 1]
    assert [problem.game for problem in problems] == [2, None]
    assert str(problems[1]) == f"{path}: the index lists 3 records, the file holds 2"
    with pytest.raises(RecordError, match="game 2, ply 2"):
        list(read_cbl(path))
    path.write_bytes(cbl(cbr(LINES), cbr(LINES))[: 101952 + 4096])
    games = []
    with pytest.raises(RecordError, match=r"the index lists 2 records, the file holds 1$"):
        games.extend(read_cbl(path))
    assert [tree_of(game) for game in games] == [TREE], "the whole ones come first"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (cbr(LINES, version=9), "a record of version 9"),
        (cbr(LINES)[:2000], "ends inside its header"),
        (cbr(LINES, board=b"\x33" + START_BOARD[1:]), "0x33 on the board is no piece"),
        (cbr(LINES[:-12]), "ply 2, after h2e2: the record ends before its last move"),
        (cbr(entry("") + entry("h2e2") + b"\4\0\0\0\xff\xff\xff\xff"), "a comment of 4294967295 bytes"),
        (cbr(entry("") + entry("h2e2") + entry("h2e2", END)), "ply 2: h2e2 is not legal"),
        (cbr(entry("") + b"\0\0\xf0\xf1"), "ply 1: squares go from 0 to 89"),
        (cbr(entry("", END)), "holds no moves"),
        (cbr(entry("", END), board=bytes(90)), "holds no moves"),
        (b"CCBridge Xecord\0", "is not CBR"),
    ],
)
def test_what_is_wrong_in_a_record_is_named(tmp_path: Path, raw: bytes, reason: str) -> None:
    path = tmp_path / "a.cbr"
    path.write_bytes(raw)
    assert found_wrong(path).startswith(str(path)) and reason in found_wrong(path)


def found_wrong(path: Path) -> str:
    """What is raised, or listed where it costs no more than a part of the game."""
    problems: list[RecordError] = []
    try:
        list(read_cbr(path, problems=problems))
    except (RecordError, CorpusError) as error:
        return str(error)
    assert all(problem.scope == "part" for problem in problems)
    return str(problems[0])


# --- old libraries


@pytest.mark.parametrize("compression", [0, 1, 3])
def test_an_old_library(tmp_path: Path, compression: int) -> None:
    path = tmp_path / "old.cbl"
    path.write_bytes(old_library(old_record(OLD_LINES), old_record([(1, "h9g7", "")], turn=0), compression=compression))
    first, second = read_games(path)
    assert (tree_of(first), first.root, first.result) == (TREE, START_FEN, "0-1")
    assert first.comments[0] == "说明\n二"
    assert {tag: first.tags[tag] for tag in ("Event", "Title", "Site", "Date", "Red", "Black")} == {
        "Event": "比赛", "Title": "标题", "Site": "广州", "Date": "1999.1.1", "Red": "红", "Black": "黑"
    }  # fmt: skip
    assert second.board(0).turn == BLACK


def test_what_is_wrong_in_an_old_library_is_named(tmp_path: Path) -> None:
    path = tmp_path / "old.cbl"
    good, bad = old_record(OLD_LINES), old_record([(1, "h2e2", ""), (2, "h2e2", "")])
    for raw, reason in (
        (old_library(good, bad), "game 2, ply 2: h2e2 is not legal"),
        (old_library(old_record([(1, "h2e2", ""), (5, "h9g7", "")])), "a variation starts at ply 5 of a line of 1"),
        (old_library(good, count=2**32 - 1), "game 2: the file ends before its last record"),
        (old_library(good, b"\0\0\0\0"), "game 2: a record of 0 bytes"),
        (old_library(good, b"\xff\xff\xff\xff"), "bytes of one record"),
        (old_library(good)[:-12], "the file ends before its last record"),
        (old_library(good)[:90] + b"\xff" * 9 + old_library(good)[99:], "the compressed part is damaged"),
        (old_library(old_record(OLD_LINES, places=bytes(32))), "game 1: red has no king"),
        (old_library(), "holds no record"),
        (b"CCBridge", "is not an old CBL"),
    ):
        path.write_bytes(raw)
        with pytest.raises((RecordError, CorpusError)) as caught:
            list(read_games(path))
        assert str(caught.value).startswith(str(path)) and reason in str(caught.value)


# --- XML


def test_the_real_xml_records(samples: Path) -> None:
    (game,) = read_games(samples / "xml_1.cbf")
    assert (len(game.moves), game.tags["Annotator"], game.tags["ECCO"]) == (50, "居荣鑫", "C03")
    assert game.comments[0] == "中炮横车盘头马对屏风马双炮巡河"
    assert game.comments[50].startswith("至此，红方多兵")
    (peer,) = read_by_peer(samples / "xml_1.cbf")
    assert (list(map(str, game.moves)), peer.lines, game.root.split()[:2]) == (peer.moves, 1, peer.root)
    (game,) = read_games(samples / "qqxiangqi.cbf")  # which the peer cannot read: it has no FEN
    assert (len(game.moves), game.root, str(game.moves[-1])) == (100, START_FEN, "h7b7")


def test_xml_in_any_encoding(tmp_path: Path) -> None:
    head = "<Name>标题</Name><Red>马</Red><RecordResult>2</RecordResult>"
    raw = cbf('<Move value="00-00"/><Move value="77-47">&lt;炮二平五&gt;</Move>', head).replace(
        "?>", ' encoding="GB2312"?>'
    )
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        (tmp_path / "a.cbf").write_bytes(raw.encode(encoding))
        (game,) = read_cbf(tmp_path / "a.cbf")
        assert (game.tags, game.result, game.comments) == ({"Title": "标题", "Red": "马"}, "0-1", {1: "<炮二平五>"})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (cbf('<Move value="77-47"/><Move value="77-47"/>'), "ply 2: h2e2 is not legal"),
        (cbf('<Move value="77-47"/><Move value="9x"/>'), "ply 2: '9x' in line 1 is not a move like 77-47"),
        (
            cbf('<Move value="77-47" end="1"/><Move value="79-67"/>'),
            "ply 2: a move in line 1 comes after the one that ends",
        ),
        (cbf('<Move value="77-47"/>', "<FEN>x</FEN>"), "game 1: "),
        (cbf('<Move value="77-47"/>')[:-30], "ply 2: the XML is damaged"),
        (cbf(""), "holds no moves"),
        ("<a/>", "has no element ChineseChessRecord"),
        ('<!DOCTYPE a [<!ENTITY b "bb">]><ChineseChessRecord>&b;</ChineseChessRecord>', "entities are declared"),
        ("", "is not CBF"),
    ],
)
def test_what_is_wrong_in_xml_is_named(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "a.cbf"
    path.write_text(content, encoding="utf-8")
    with pytest.raises((RecordError, CorpusError)) as caught:
        list(read_cbf(path))
    assert str(caught.value).startswith(str(path)) and reason in str(caught.value)
