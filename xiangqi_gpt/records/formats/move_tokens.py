"""What stands in the text of a game: moves in any notation, numbers, comments, results, and whatever else.

This is the one place that tells a move from words around it, so that readers can go on behind them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ..results import FIGURES

PIECES: Final = "帅帥将將仕士相象马馬傌车車俥伡炮砲包兵卒"
NUMBERS: Final = "1-9１-９一二三四五六七八九"
_LETTER: Final = "KABENHRCPkabenhrcp"
_CHINESE: Final = (
    f"(?:[{PIECES}前中后後{NUMBERS}][{PIECES}{NUMBERS}][进進退平][{NUMBERS}]"
    rf"|[{PIECES}前中后後][{PIECES}{NUMBERS}][+\-=.][{NUMBERS}])"  # 炮2=5: the signs of WXF
)
_GLUED: Final = r"(?=(?:[a-i]\d[a-i]\d){1,400}(?!\w))"  # more coordinates, without a space between
_COORDINATES: Final = rf"(?:[a-i]\d0?-?[a-i]\d0?|[A-I]\d0?-?[A-I]\d0?)(?:(?!\w)|{_GLUED})"  # ranks 0-9 or 1-10
_WXF: Final = (
    rf"(?:[{_LETTER}][1-9+\-.][-+.=][1-9]|[-+1-5fFrRbBmM][{_LETTER}][-+.=][1-9]|[-+1-5][1-9][-+=][1-9]"
    rf"|(?:Tg|TG|tg|[STXPMBCstxpmbc])[1-9ts][-./][1-9])(?!\w)"
)
_BARE_WXF: Final = r"[KABENHRCP][1-9][1-9](?!\w)"  # also how openings are classed (B17): only among moves
_SAN: Final = r"[KAGBEMNHRCP]?[a-i]?(?:[0-9]0?)?[x-]?[a-i][0-9]0?(?![0-9A-Za-z])"
_PIECE_SAN: Final = rf"[KAGBEMNHRCP](?=[a-i0-9x]){_SAN}"
_SURE: Final = rf"(?:{_COORDINATES}|{_CHINESE}|{_WXF}|{_PIECE_SAN})"
_MOVE: Final = rf"(?:{_COORDINATES}|{_CHINESE}|{_WXF}|{_SAN})"
_NUMBERING: Final = (
    r"(?:\d{1,4}\s*[.．、。,)）:：…]+|[①-⑳⑴-⒛❶-❿]|\d\ufe0f?\u20e3|[一二三四五六七八九十百]{1,5}[、.．：:])"
)
_BB_CODE: Final = r"\[/?(?:[biu]|color|size|font|url|quote|code|center|table|tr|td)(?:=[^\[\]\n]{0,40})?\]"
_TAGS: Final = rf"(?:<[^<>\n]{{1,80}}>|{_BB_CODE})"
#: What may stand between two moves, or before the first, where they are in a table, a list or an array.
_BETWEEN: Final = rf"(?:[\s,，;；/|→>—–\"'“”‘’`]|->|{_TAGS})"
#: What a bracket starts with that holds a variation rather than words.
_VARIATION: Final = (
    r"\s*(?:\{[^}]*\}\s*|;[^\n]*\n\s*|\$\d+\s*)*"
    rf"(?:\d{{1,4}}\s*[.．、。…:：]+\s*[.．…]*\s*{_MOVE}|\d{{1,4}}\s+{_SURE}|[.．…]+\s*{_MOVE}|{_SURE}|\()"
)
#: What the text of most games consists of, the most frequent first; what else there is ends the quick way.
#: The blank behind a token belongs to it, or each would be tried as all of them.
_COMMON: Final = rf"""(?P<coordinates>{_COORDINATES})[+\#]*[ \n]?
    | (?P<number>[1-9１-９]\d*(?:[.．、。…]+|(?=[\s{{(;]|\Z)(?!\s?[-–—−:：]\s?\d)))[ \n]?
    | \{{(?P<comment>[^}}]*)\}}[ \n]?
    | (?P<chinese>{_CHINESE})[+\#]*[ \n]?
    | (?P<close>\))[ \n]?
    | (?P<open>\((?={_VARIATION}))
    | (?P<wxf>{_WXF}|{_BARE_WXF})[+\#]*[ \n]?
    | (?P<san>{_SAN})[+\#]*[ \n]?
    | \$(?P<nag>\d{{1,3}})(?!\d)[ \n]?
    """
_QUICK: Final = re.compile(rf"{_COMMON} | (?P<other>\S)", re.VERBOSE | re.MULTILINE)
_TOKEN: Final = re.compile(
    rf"""(?P<result>{FIGURES}|\*(?!\*))
    | {_COMMON}
    | ;(?P<rest>[^\n]*)
    | \((?!\s*\d{{1,4}}\s*\))(?P<words>(?:[^(){{}}]|\([^(){{}}]*\)){{0,2000}})\)
    | (?P<glyph>[!?！？]{{1,2}}|\+/?[-−=]|[-−=]/?\+|[±∓⩲⩱∞□])
    | (?P<skip>\*{{2}}|\d\ufe0f?\u20e3|[①-⓿❶-➓⑴-⒛]
        |[.…．·,，、。；：:=—–－─━_~|·•/→>"'“”‘’`\[\]【】「」《》〈〉\u200b-\u200f\ufeff]+
        |[(\[【<]\s*\d{{1,4}}\s*[)\]】>][.．、]?|\d{{1,4}}\s?[)）:：,，]
        |第\s?[0-9０-９一二三四五六七八九十百]+\s?(?:回合|着|手|步|回)[:：]?|[一二三四五六七八九十百]{{1,5}}[、.．：:])
    | (?P<html><[^<>]{{1,200}}>|{_BB_CODE}|&\#?\w{{2,8}};)
    | (?P<escape>^%[^\n]*)
    | (?P<word>[^\s{{}}();,，、。；：:（）]+|\S)
    """,
    re.VERBOSE | re.MULTILINE,
)
#: Full-width forms with the letter that each stands for; punctuation between moves stays as it is.
#: Stands for the opening brace of every comment after the first that is never closed.
UNCLOSED: Final = "\ue000"
FOLD: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code) not in "！，；：？"} | {
    0x2212: ord("-")
}
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
#: What may stand right before a Chinese move: words that say whose it is, and anything that is no Chinese word.
_BEFORE_MOVE: Final = re.compile(r"(?:[红紅黑][方先]?|先手?|[后後]手?|回合|[^\u4e00-\u9fff])\Z")
_MOVE_IN_WORD: Final = re.compile(_CHINESE)
#: What looks like a move that somebody mistyped.
_ALMOST: Final = re.compile(
    rf"[{PIECES}前中后後{NUMBERS}][{PIECES}{NUMBERS}]?[进進退平近上下].?[!?！？+#]*\Z"
    rf"|[{PIECES}前中后後][{PIECES}{NUMBERS}].[{NUMBERS}]\Z"
    r"|[A-Za-z]\d{1,2}-?[A-Za-z]\d{1,2}[+#]*\Z|[A-Za-z]{1,3}\d?[-+.=x]?[A-Za-z]?\d{1,2}[+#]*\Z",
    re.ASCII,
)
#: How lines of a conversation with an engine begin that tell no moves of the game; "go" and "info" are also words.
_PROTOCOL: Final = re.compile(
    r"(?:(?:bestmove|nobestmove|banmoves)\b"
    r"|info\s+(?:(?:depth|seldepth|score|time|nodes|nps|hashfull|multipv|currmove|currmovenumber|pv)\s|string\b)"
    r"|go\s+(?:(?:depth|nodes|time|movetime|wtime|btime|winc|binc|movestogo|mate|searchmoves)\s|infinite\b|ponder\b)"
    r"|go[ \t\r]*$)",
    re.IGNORECASE | re.MULTILINE,
)
#: How other programs write that a side does not move.
PASSES: Final = frozenset(("--", "----", "Z0", "0000"))
_FIRST_NUMBER_IN_LINE: Final = re.compile(r"(?:\A|(?<=\s))(?:1[.．、)）]|１[．.、]|①)\s*\S")
_MISTYPED: Final = re.compile(
    rf"\s*(?:[{PIECES}前中后後][{PIECES}{NUMBERS}].[{NUMBERS}]|[{PIECES}前中后後][{PIECES}{NUMBERS}][进進退平].)(?:\s|\Z)"
)
_NEXT_GAME: Final = re.compile(rf"^[ \t]*(?:1[ \t]*[.．、)）]|１[．、]|①)(?=\s*{_MOVE})", re.MULTILINE)
#: Where moves begin in a line: a move behind a number, or one at the start of the line, or two.
_FIRST_MOVE: Final = re.compile(
    rf"(?:\A|(?<=[\s:：>】）)。，|\"'“‘`\[\]*]))(?:(?:{_NUMBERING}|第[1１一](?:回合|着|手)[:：]?)[.．…\s*]*(?:{_MOVE}|{_BARE_WXF})"
    rf"|\d{{1,4}}(?:\s+|{_BETWEEN}{{1,8}}){_SURE}|{_SURE}[!?！？+#]*{_BETWEEN}{{0,8}}{_SURE})"
    rf"|\A(?:[\s>|\u2460-\u2bff\ufe0f\U0001f000-\U0001faff]|{_TAGS}){{0,20}}(?:\d{{1,3}}{_CHINESE}|{_MOVE}[!?！？+#]*(?![^\s,，;；{{(（<|/])|[红紅]方?[:：]?\s*{_CHINESE}|\(?\d{{1,4}}\)\s*{_MOVE})"
)
_FIRST_NUMBER: Final = re.compile(r"\W*(\d{1,4})\s*[.．、。…)）]")
_SQUARES: Final = re.compile(rf"(?<![\w\[])(?:{_COORDINATES}|{_SAN})")
_GLYPHS: Final = {
    "!": 1,
    "?": 2,
    "!!": 3,
    "??": 4,
    "!?": 5,
    "?!": 6,
    "□": 7,
    "∞": 13,
    "⩲": 14,
    "⩱": 15,
    "±": 16,
    "∓": 17,
    "+=": 14,
    "=+": 15,
    "+/=": 14,
    "=/+": 15,
    "+/-": 16,
    "-/+": 17,
    "+-": 18,
    "-+": 19,
}


class Scanner:
    """The tokens of a text: the usual ones in one go, what else there is one at a time.

    Places of all tokens hold for the text that was given, though full-width forms may be folded in ``text``.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._folded = False

    def usual(self, at: int) -> Iterator[re.Match[str]]:
        """The tokens from a place on, up to one of the kind ``other``, for which ``unusual`` is to be asked."""
        return _QUICK.finditer(self.text, at)

    def unusual(self, place: int) -> tuple[re.Match[str] | None, int]:
        """The token at a place that holds no usual one, if it says anything, and where to go on.

        A word that holds a move (红方炮二平五) ends before it.
        """
        found = _TOKEN.match(self.text, place)
        assert found is not None
        end = found.end()
        if found.lastgroup == "word":
            if not self._folded:  # once, since it looks at the whole text
                self._folded, text = True, self.text
                self.text = text.translate(FOLD)
                if self.text != text:
                    return None, place
            if found[0] == "{":  # no comment is closed from here on: none is to be looked for again
                self.text = self.text[:end] + self.text[end:].replace("{", UNCLOSED)
            elif (before := _end_before_move(found[0])) is not None:
                return None, place + before
        return found, end


def _end_before_move(word: str) -> int | None:
    """Where a move begins in a word that is not prose; None where there is none."""
    for match in _MOVE_IN_WORD.finditer(word):
        if _BEFORE_MOVE.search(word, 0, match.start()):
            return match.start()
    return None


def is_almost_a_move(word: str) -> bool:
    """Whether a word looks like a move that was mistyped, so that the moves after it cannot be trusted."""
    return bool(_ALMOST.match(word))


def says_something(word: str) -> bool:
    """Whether a word has a letter or a figure, and is more than punctuation."""
    return any(letter.isalnum() for letter in word)


def is_protocol(text: str, place: int) -> bool:
    """Whether a line of a conversation with an engine that tells no moves of the game begins at a place of a text."""
    begin = text.rfind("\n", 0, place) + 1
    return _PROTOCOL.match(text, place) is not None and not says_something(text[begin:place])


def stands_alone(text: str, begin: int, end: int) -> bool:
    """Whether nothing else stands in the lines of a part of a text: dashes are a ruled line there."""
    line_end = text.find("\n", end)
    before = text[text.rfind("\n", 0, begin) + 1 : begin]
    return not before.strip() and not text[end : line_end if line_end >= 0 else len(text)].strip()


def nag_of(token: re.Match[str]) -> int | None:
    """The number of a glyph, None for one that has none."""
    if token["nag"]:
        return int(token["nag"])
    return _GLYPHS.get(token[0].replace("！", "!").replace("？", "?").replace("−", "-"))


def mistyped_first_move(line: str, end: int | None) -> int | None:
    """Where, before ``end``, a line has a number 1 or begins with what looks like a Chinese move; else None."""
    found = _FIRST_NUMBER_IN_LINE.search(line, 0, len(line) if end is None else end) or _MISTYPED.match(line)
    return found.start() if found else None


def first_move(line: str) -> int | None:
    """Where moves begin in a line of a text, None where none do."""
    match = _FIRST_MOVE.search(line.translate(FOLD))
    return match.start() if match else None


def starts_game(text: str, place: int) -> bool:
    """Whether the number at a place is a 1 that begins a game, at the start of a line."""
    start = text.rfind("\n", 0, place) + 1
    return not text[start:place].strip() and _NEXT_GAME.match(text, start) is not None


def next_game(text: str, after: int) -> int | None:
    """Where the moves of another game without tags begin, at a ``1.`` at the start of a line."""
    match = _NEXT_GAME.search(text, after)
    return match.start() if match else None


def names_squares(text: str, at: int, end: int) -> bool:
    """Whether there is a move in coordinates or short algebraic notation in a part of a text."""
    return _SQUARES.search(text, at, end) is not None


def first_number(text: str, at: int, end: int) -> int | None:
    """The move number at the start of a line of moves, None where it has none."""
    match = _FIRST_NUMBER.match(text, at, end)
    return int(match[1]) if match else None
