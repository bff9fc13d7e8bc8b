"""Files of CCBridge, made byte by byte: no program at hand writes them."""

from __future__ import annotations

import zlib

START_BOARD = bytes.fromhex(
    "212223242524232221" + "00" * 9 + "002600000000002600" + "270027002700270027" + "00" * 18
    + "170017001700170017" + "001600000000001600" + "00" * 9 + "111213141514131211"
)  # fmt: skip
END, OTHER, COMMENT = 1, 2, 4


def entry(move: str, flags: int = 0, comment: str = "", *, packed: bool = False) -> bytes:
    """An entry of a CBR's moves; an empty move is the one before the first."""
    squares = [0, 0]
    if move:
        places = [("abcdefghi".index(move[n]), 9 - int(move[n + 1])) for n in (0, 2)]
        squares = [file << 4 | row if packed else row * 9 + file for file, row in places]
    text = comment.encode("utf-16-le")
    size = len(text).to_bytes(4, "little") if text else b""
    return bytes([flags | (COMMENT if text else 0), 0, *squares]) + size + text


def cbr(moves: bytes, *, board: bytes = START_BOARD, version: int = 2, result: int = 1, turn: int = 1) -> bytes:
    """A record; the gaps are not cleared, as in real files."""
    old = version == 1
    raw = bytearray(b"\xab" * (1958 if old else 2214))
    raw[:20] = b"CCBridge Record\0" + bytes([0, 0, 0, version])
    for text, at in (("标题", 52 if old else 180), ("红方", 948 if old else 1076), ("黑", 1172 if old else 1300)):
        encoded = text.encode("utf-16-le") + b"\0\0"
        raw[at : at + len(encoded)] = encoded
    for at in (564, 628, 756, 820, 884, 1012, 1076, 1140, 1236, 1300, 1364, 1396, 1524) if old else (
        692, 756, 884, 948, 1012, 1140, 1204, 1268, 1364, 1428, 1492, 1652, 1780
    ):  # fmt: skip
        raw[at : at + 2] = b"\0\0"
    raw[1820 if old else 2076] = result
    raw[1856 if old else 2112] = turn
    at = 1864 if old else 2120
    raw[at : at + 90] = board
    return bytes(raw) + moves


def cbl(*records: bytes, slots: int = 128) -> bytes:
    """A library of records of 4096 bytes each."""
    header = bytearray(66624 + slots * 276)
    header[:16] = b"CCBridgeLibrary\0"
    header[60:64] = slots.to_bytes(4, "little")
    header[64:72] = "棋库".encode("utf-16-le") + b"\0\0\0\0"
    for n in range(min(len(records), slots)):
        header[66624 + 276 * n] = 7
    return bytes(header) + b"".join(record.ljust(-(-len(record) // 4096) * 4096, b"\xcd") for record in records)


LINES = entry("", 0, "开局") + entry("h2e2", 0, "中炮") + entry("h9g7", OTHER) + entry("h0g2", END)
LINES += entry("b9c7", OTHER) + entry("b0c2", END) + entry("h7e7", END, "顺炮")


def packed(moves: bytes) -> bytes:
    """Moves with squares as version 1 has them."""
    raw, at = bytearray(moves), 0
    while at < len(raw):
        for n in (at + 2, at + 3):
            raw[n] = raw[n] % 9 << 4 | raw[n] // 9
        at += 8 + int.from_bytes(raw[at + 4 : at + 8], "little") if raw[at] & COMMENT else 4
    return bytes(raw)


def text(value: str) -> bytes:
    raw = value.encode("gb18030")
    return len(raw).to_bytes(4, "little") + raw


def old_record(moves: list[tuple[int, str, str]], *, turn: int = 1, places: bytes | None = None) -> bytes:
    """A record of an old library from (depth from 1, move, comment)."""
    board = bytes.fromhex("1a2a3a4a5a6a7a8a9a288817375777971121314151617181912383143454749400")[:32]
    number = (1).to_bytes(4, "little")
    body = (board if places is None else places) + number + text("比赛") + number + text("标题") + text("") * 2
    body += text("广州") + text("1999.1.1") + text("红") + text("黑") + (2).to_bytes(4, "little")
    body += text("评") + text("") + text("录") + text("") + text("说明||二") + bytes([turn]) + b" " * 38
    body += len(moves).to_bytes(4, "little")
    for depth, move, _ in moves:
        squares = [("abcdefghi".index(move[n]) << 4) | (9 - int(move[n + 1])) for n in (0, 2)]
        body += depth.to_bytes(2, "little") + bytes(squares) + b"\0\0"
    body += b"".join(comment.encode("gb18030") + b"\r\n" for _, _, comment in moves)
    return (len(body) + 4).to_bytes(4, "little") + body


def old_library(*records: bytes, compression: int = 3, count: int | None = None) -> bytes:
    body = text("棋库") + text("") * 4 + b" " * 38 + (len(records) if count is None else count).to_bytes(4, "little")
    body += text("") + b"".join(records)
    head = b"CCBridge" + (0x15).to_bytes(4, "little") + compression.to_bytes(4, "little")
    return head + len(body).to_bytes(4, "little") + (zlib.compress(body) if compression else body)


OLD_LINES = [
    (1, "h2e2", "中炮"),
    (2, "h9g7", ""),
    (3, "h0g2", ""),
    (2, "b9c7", ""),
    (3, "b0c2", ""),
    (2, "h7e7", "顺炮"),
]


def cbf(moves: str, head: str = "") -> str:
    return (
        f'<?xml version="1.0"?><ChineseChessRecord><Head>{head}</Head><MoveList>{moves}</MoveList></ChineseChessRecord>'
    )
