"""XQF in and out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peer import read_by_peer
from record_games import annotated_games, lines_of, tree_of

from xiangqi_gpt.records import CorpusError, Game, RecordError, read_games
from xiangqi_gpt.records.formats.xqf import HEADER_SIZE, read_xqf
from xiangqi_gpt.records.formats.xqf_writer import format_xqf, write_xqf
from xiangqi_gpt.rules import BLACK, Move

KEY = b"[(C) Copyright Mr. Dong Shiwei.]"


def line(text: str, **fields: object) -> Game:
    return Game(moves=[Move.from_iccs(word) for word in text.split()], **fields)  # type: ignore[arg-type]


def encipher(plain: bytes, version: int, mask: int, extras: bytes, keys: bytes) -> bytes:
    """A file of version 1.0 as a later one writes it; ``keys`` are for pieces, sources and targets."""
    derive = [(((k * k * 3 + 9) * 3 + 8) * 2 + 1) * 3 + 8 for k in keys]
    pieces = derive[0] * keys[0] % 256
    source = derive[1] * pieces % 256
    target = derive[2] * source % 256
    total = -sum(keys) % 256
    longer = (total * 256 + keys[0]) % 32000 + 767
    header = bytearray(plain[:HEADER_SIZE])
    header[2:4], header[8:12], header[12:16] = bytes([version, mask]), extras, bytes([total, *keys])
    for n in range(32):
        slot = (n + pieces + 1) % 32 if version >= 12 else n
        header[16 + n] = (plain[16 + slot] + pieces) % 256
    body, at = bytearray(), HEADER_SIZE
    while at < len(plain):
        flags, size = plain[at + 2], int.from_bytes(plain[at + 4 : at + 8], "little")
        marks = (0x80 if flags & 0xF0 else 0) | (0x40 if flags & 0x0F else 0) | (0x20 if size else 0)
        body += bytes([(plain[at] + source) % 256, (plain[at + 1] + target) % 256, marks, plain[at + 3]])
        if size:
            body += (size + longer).to_bytes(4, "little") + plain[at + 8 : at + 8 + size]
        at += 8 + size
    block = [(number & mask) | extra for number, extra in zip(header[12:16], extras, strict=True)]
    return bytes(header) + bytes((byte + (KEY[n % 32] & block[n % 4])) % 256 for n, byte in enumerate(body))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "plies", "lines"),
    [
        ("master_game_gb18030.xqf", 37, 2),
        ("xqf_01.xqf", 7, 7),
        ("setup_position.xqf", 5, 3),
        ("study_with_variations.xqf", 77, 349),
        ("badmove_test_1.xqf", 43, 1),
    ],
)
def test_real_files_have_the_lines_that_others_find(samples: Path, name: str, plies: int, lines: int) -> None:
    (game,) = read_games(samples / name)
    assert (len(game.moves), len(lines_of(game))) == (plies, lines)
    (peer,) = read_by_peer(samples / name)
    assert (game.root.split()[:2], list(map(str, game.moves)), lines) == (peer.root, peer.moves, peer.lines)


def test_tags_comments_and_results(samples: Path) -> None:
    (game,) = read_games(samples / "badmove_test_1.xqf")
    assert (game.tags["Red"], game.tags["Black"], game.tags["Date"]) == ("砍瓜切菜", "金松擂台", "1999年3月6日")
    assert (game.result, game.year, game.tags["Annotator"]) == ("1-0", 1999, "赵德志")
    assert game.comments[0].startswith("欢迎加入中国象棋网！\n对金松擂台说:你好!")
    (game,) = read_games(samples / "setup_position.xqf")
    assert (game.tags["Title"], game.tags["TimeControl"], game.result) == ("标题", "用时规则", "1/2-1/2")
    (game,) = read_games(samples / "xqf_01.xqf")
    assert game.root == "5a3/4ak2r/6R2/8p/9/9/9/B4N2B/4K4/3c5 w - - 0 1"


def test_a_file_without_moves_is_named(samples: Path) -> None:
    with pytest.raises(CorpusError, match=r"no_moves.xqf holds no moves"):
        list(read_games(samples / "no_moves.xqf", on_illegal="cut"))


@pytest.mark.slow
@given(annotated_games())
@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_written_reads_back(tmp_path_factory: pytest.TempPathFactory, game: Game) -> None:
    path = tmp_path_factory.getbasetemp() / "game.xqf"
    for tag in ("Event", "Red", "Black"):
        game.tags[tag] = game.tags.get(tag, "").strip()[:3].strip()
    game.comment = game.comment or ("" if game.moves else "a position")
    assert write_xqf([game], path) == 1
    try:
        (again,) = read_xqf(path)
    except CorpusError:
        assert not game.moves
        return
    assert tree_of(again) == tree_of(game)
    assert (again.result, again.comments.get(0)) == (game.result, game.comments.get(0))
    assert again.root.split()[0] == game.root.split()[0]
    assert not game.moves or again.end().turn() == game.end().turn()
    assert again.tags == {tag: text for tag in ("Event", "Red", "Black") if (text := game.tags[tag])}


@pytest.mark.slow
@given(
    annotated_games().filter(lambda game: bool(game.moves)),
    st.integers(11, 18),
    st.integers(0, 255),
    st.binary(min_size=4, max_size=4),
    st.binary(min_size=3, max_size=3),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_every_version_reads_like_the_plain_one(
    tmp_path_factory: pytest.TempPathFactory, game: Game, version: int, mask: int, extras: bytes, keys: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "versions.xqf"
    write_xqf([game], path)
    (plain,) = read_xqf(path)
    path.write_bytes(encipher(path.read_bytes(), version, mask, extras, keys))
    assert list(read_xqf(path)) == [plain]


def test_an_independent_reader_finds_the_same_tree(samples: Path, tmp_path: Path) -> None:
    (game,) = read_games(samples / "xqf_01.xqf")
    write_xqf([game], tmp_path / "again.xqf")
    (peer,) = read_by_peer(tmp_path / "again.xqf")
    assert (peer.moves, peer.lines, peer.root) == (list(map(str, game.moves)), 7, game.root.split()[:2])


def test_black_moves_first_where_its_piece_does(tmp_path: Path) -> None:
    game = line("h9g7 h0g2", root="rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR b - - 0 1")
    raw = bytearray(format_xqf(game))
    raw[50] = 0  # Red to move, says the header
    (tmp_path / "a.xqf").write_bytes(raw)
    (again,) = read_xqf(tmp_path / "a.xqf")
    assert (again.board(0).turn, again.moves) == (BLACK, game.moves)


def test_text_in_big5_is_found_out(tmp_path: Path) -> None:
    game = line("h2e2", tags={"Red": "x" * 6}, comments={1: "y" * 14})
    raw = format_xqf(game).replace(b"x" * 6, "楊官璘".encode("big5"))
    (tmp_path / "a.xqf").write_bytes(raw.replace(b"y" * 14, "紅炮勝黑馬卒車".encode("big5")))
    (again,) = read_xqf(tmp_path / "a.xqf")
    assert (again.tags["Red"], again.comments[1]) == ("楊官璘", "紅炮勝黑馬卒車")


def test_an_illegal_move_is_named_by_its_ply(tmp_path: Path) -> None:
    game = line("h2e2 h9g7 h0g2 i9h9")
    game.node(1).add_line(line("b9c7 h0h5").moves)
    raw = format_xqf(game)
    (tmp_path / "a.xqf").write_bytes(raw)
    problems: list[RecordError] = []
    for on_illegal in ("fail", "cut", "drop"):  # a side line costs the game nothing
        (whole,) = read_xqf(tmp_path / "a.xqf", on_illegal=on_illegal, problems=problems)  # type: ignore[arg-type]
        assert (whole.moves, lines_of(whole)[1:]) == (game.moves, [["b9c7"]])
        assert not whole.flags
    assert {(problem.ply, problem.scope) for problem in problems} == {(3, "part")} and len(problems) == 3
    assert "a.xqf, game 1, ply 3, after h2e2 b9c7: h0h5 is not legal" in str(problems[0])

    broken = line("h2e2 h9g7 h0h8 i9h9 i0h0")
    broken.node(2).add_line(line("h0g2").moves)  # has nothing to replace once its main move is gone
    broken.node(1).add_line(line("b9c7 h0g2").moves)
    (tmp_path / "b.xqf").write_bytes(format_xqf(broken))
    with pytest.raises(RecordError, match=r"b.xqf, game 1, ply 3: h0h8 is not legal"):
        list(read_xqf(tmp_path / "b.xqf"))
    (cut,) = read_xqf(tmp_path / "b.xqf", on_illegal="cut", problems=problems)
    assert tree_of(cut) == [("h2e2", "", [("h9g7", "", []), ("b9c7", "", [("h0g2", "", [])])])]
    assert problems[-1].ply == 3


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda raw: raw[:1023], "ends inside the header: 1023 bytes"),
        (lambda raw: b"PK" + raw[2:], "is not XQF"),
        (lambda raw: raw[:2] + b"\x13" + raw[3:], "XQF of version 1.9, known are versions up to 1.8"),
        (lambda raw: raw[:16] + raw[17:18] * 32 + raw[48:], "two pieces stand on b0"),
        (lambda raw: raw[:16] + b"\xff" * 32 + raw[48:], "red has no king"),
        (lambda raw: raw[:-4], "ply 3: the file ends at byte"),
        (
            lambda raw: raw[: HEADER_SIZE + 4] + b"\xff\xff\xff\x7f" + raw[HEADER_SIZE + 8 :],
            "a comment of 2147483647 bytes",
        ),
        (lambda raw: raw[: HEADER_SIZE + 8] + b"\xff\xff" + raw[HEADER_SIZE + 10 :], "ply 1: squares go from 0 to 89"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, change: object, reason: str) -> None:
    path = tmp_path / "a.xqf"
    path.write_bytes(change(format_xqf(line("h2e2 h9g7 h0g2"))))  # type: ignore[operator]
    with pytest.raises((RecordError, CorpusError)) as caught:
        list(read_xqf(path))
    assert str(caught.value).startswith(str(path)) and reason in str(caught.value)


def test_one_file_holds_one_game(tmp_path: Path) -> None:
    path = tmp_path / "a.xqf"
    for games, reason in (([], "no games"), ([line("h2e2")] * 2, "XQF holds one game")):
        with pytest.raises(CorpusError, match=reason):
            write_xqf(games, path)
    assert not list(tmp_path.iterdir())


def test_a_long_tag_is_cut_between_characters(tmp_path: Path) -> None:
    write_xqf([line("h2e2", tags={"Red": "一二三四五六七八九", "Title": "a" * 100})], tmp_path / "a.xqf")
    (game,) = read_xqf(tmp_path / "a.xqf")
    assert game.tags == {"Red": "一二三四五六七", "Title": "a" * 63}
