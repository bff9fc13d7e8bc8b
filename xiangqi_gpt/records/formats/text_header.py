"""What stands above the moves in text without tags: names, a result, a position, a title, and words to skip.

``红方：甲``, ``标题: ...``, ``甲 先胜 乙``, a FEN in any form (also in the address of a site), ``position fen ...``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from xiangqi_gpt.rules.pasted_fen import find_fen

from ..results import UNKNOWN, result_of
from .move_tokens import first_move, mistyped_first_move, says_something

_KEYS: Final = {
    **dict.fromkeys(("标题", "標題", "棋局名称", "局名", "title", "tiêu đề"), "Title"),
    **dict.fromkeys(("赛事", "賽事", "比赛", "比賽", "赛事名称", "event", "giải"), "Event"),
    **dict.fromkeys(("红方", "紅方", "红", "紅", "红棋", "先手", "red", "white", "đỏ", "tiên"), "Red"),
    **dict.fromkeys(("黑方", "黑", "黑棋", "后手", "後手", "black", "đen", "hậu"), "Black"),
    **dict.fromkeys(("日期", "时间", "時間", "date", "ngày"), "Date"),
    **dict.fromkeys(("地点", "地點", "site", "place"), "Site"),
    **dict.fromkeys(("轮次", "輪次", "round"), "Round"),
    **dict.fromkeys(("开局", "開局", "布局", "opening"), "Opening"),
    **dict.fromkeys(("评注", "評註", "讲评", "注解", "annotator"), "Annotator"),
    **dict.fromkeys(("作者", "author"), "Author"),
    **dict.fromkeys(("结果", "結果", "赛果", "賽果", "result", "kết quả", "winner", "胜方", "勝方"), "Result"),
    **dict.fromkeys(("variant", "棋种", "棋種"), "Variant"),
}
_KEY: Final = re.compile(
    rf"[\s【\[]*({'|'.join(sorted(map(re.escape, _KEYS), key=len, reverse=True))})[】\]]?\s*[:：]\s*(.*?)\s*\Z",
    re.IGNORECASE,
)
_NEXT_KEY: Final = re.compile(rf"\s+(?=(?:{'|'.join(map(re.escape, _KEYS))})\s*[:：])", re.IGNORECASE)
_VERSUS: Final = re.compile(
    r"\s*(?P<red>\S.{0,29}?)\s*[（(\s]\s*(?:先手|红|紅|红先|紅先)?(?P<how>先?[胜勝负負和]|\d\s?[-:：–]\s?\d)\s*[)）\s]\s*(?P<black>\S.{0,29}?)\s*\Z"
)
_RESULTS: Final = {"胜": "1-0", "勝": "1-0", "负": "0-1", "負": "0-1", "和": "1/2-1/2"}
_MOVES: Final = re.compile(r"[\s_+&?,;\"')）\]】]*(?:moves?\b[\s_:=\"'\[]*)?", re.IGNORECASE)
_START: Final = re.compile(r"\s*(?:position\s+)?startpos\b", re.IGNORECASE)
_MOVES_OF_ADDRESS: Final = re.compile(
    r"\s*(?:https?://|www\.)\S{0,200}?[?&#](?:moves?=)?(?=[A-Ia-i]\d0?-?[A-Ia-i]\d)", re.IGNORECASE
)
_ADDRESS: Final = re.compile(r"https?://|www\.", re.IGNORECASE)
_SPACES: Final = str.maketrans("_+&", "   ")
_TITLE: Final = 80  # letters of a line that may be a title
_MOST_LINES: Final = 5000


@dataclass
class Header:
    """What was found, and where the moves begin in ``text``, which is as long as the text that was given."""

    text: str
    moves_at: int
    tags: dict[str, str] = field(default_factory=dict)
    fen: str = ""
    has_position: bool = False  #: whether a position was named, if only the usual start


def read_header(text: str, at: int = 0, end: int | None = None) -> Header | None:
    """Read the lines above the moves; None where there are neither moves nor a position.

    ``end`` is where the moves are known to begin.
    """
    header = Header(text, len(text) if end is None else end)
    comment_at: int | None = None  # where the moves begin with a comment
    for _ in range(_MOST_LINES):
        stop = header.text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        if end is not None and stop > end:
            stop = end
        if (begin := _position(header, at, stop)) is not None:
            header.has_position, at = True, begin
        line = header.text[at:stop]
        if comment_at is None and re.match(r"\s*(?:;|\{(?!\s*[\"']))", line):
            comment_at = at
        begin = first_move(line) if end is None else None
        if begin != 0 and end is None and (mistyped := mistyped_first_move(line, begin)) is not None:
            begin = mistyped
        if begin is not None and not _says_key(line):
            header.moves_at = at + begin if comment_at is None else comment_at
            _words(header, line[:begin] if comment_at is None else "")
            return header
        _words(header, line if comment_at is None else "")
        at = stop + 1
        if at >= (len(text) if end is None else end):
            break
    return header if header.has_position or end is not None else None


def _says_key(line: str) -> bool:
    """Whether a line gives a name a value (红方：甲) that is no move (红方：炮二平五)."""
    match = _KEY.match(line)
    return match is not None and first_move(match[2]) != 0


def _position(header: Header, at: int, stop: int) -> int | None:
    """Take the position that a line names; returns what follows it."""
    line = header.text[at:stop]
    if start := _START.match(line):
        after = at + start.end()
    elif found := find_fen(line):
        header.fen, after = found.fen, at + found.end
        if (found.start and _ADDRESS.search(line, 0, found.start)) or "_" in line[found.start :]:
            header.text = header.text[:after] + _plain_text(header.text[after:stop]) + header.text[stop:]
    elif address := _MOVES_OF_ADDRESS.match(line):
        after = at + address.end()
        header.text = header.text[:after] + _plain_text(header.text[after:stop]) + header.text[stop:]
    else:
        return None
    moves = _MOVES.match(header.text, after, stop)
    return moves.end() if moves else after


def _plain_text(part: str) -> str:
    """Return a part of an address with blanks for what stands for them, as long as it was."""
    return part.replace("%20", "   ").translate(_SPACES)


def _words(header: Header, line: str) -> None:
    """Take what a line without moves says."""
    if not says_something(line) or "\ufffd" in line:
        return
    if _KEY.match(line):
        for said in filter(None, map(_KEY.match, _NEXT_KEY.split(line))):
            name, value = _KEYS[said[1].lower()], said[2]
            if value and len(value) <= 200:
                header.tags.setdefault(name, value)
        return
    if (result := result_of(line)) != UNKNOWN:
        header.tags.setdefault("Result", result)
    elif (match := _VERSUS.match(line)) and "Red" not in header.tags:
        how = match["how"]
        header.tags |= {"Red": match["red"], "Black": match["black"]}
        header.tags.setdefault("Result", _RESULTS.get(how[-1], result_of(how)))
    elif "Title" not in header.tags and len(title := line.strip(" \t#*=-_>【】[]")) <= _TITLE and "<" not in title:
        header.tags["Title"] = title
