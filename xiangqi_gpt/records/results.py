"""Results of games in any words: ``1-0``, ``１：０``, 红胜, 黑方认负, ``Black resigns``, ``½–½``, 和局, ``hòa``.

One vocabulary for a tag, a line above the moves and the end of the moves.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

RED_WON: Final = "1-0"
DRAWN: Final = "1/2-1/2"
BLACK_WON: Final = "0-1"
UNKNOWN: Final = "*"

#: Results in the order of their codes in arrays: 0 Red won, 1 draw, 2 Black won, 3 unknown.
RESULTS: Final = (RED_WON, DRAWN, BLACK_WON, UNKNOWN)

#: A result in figures, as a regular expression; points of a win are one or two.
FIGURES: Final = (
    r"(?:1/2\s?[-–—−]\s?1/2|½\s?[-–—−]\s?½|0\.5\s?[-–—−]\s?0\.5"
    r"|1\s?[-–—−:：]\s?0|0\s?[-–—−:：]\s?1|2\s?[-–—−:：]\s?0|0\s?[-–—−:：]\s?2|1\s?[-–—−:：]\s?1|1/2|½)(?![\w/:：-])"
)
_NUMBERS: Final = {
    **dict.fromkeys(("1-0", "2-0"), RED_WON),
    **dict.fromkeys(("0-1", "0-2"), BLACK_WON),
    **dict.fromkeys(("1/2-1/2", "1/2", "0.5-0.5", "1-1"), DRAWN),
}
_WINS: Final = r"(?:获胜|得胜|取胜|胜出|胜定|胜了|胜ち|胜|赢棋|赢)"
#: How a game was decided, behind the words that say who won it.
_HOW: Final = r"(?:(?:by|on|due|after|because|in|through|with)[a-z0-9,]{2,30})?"
_LOSES: Final = r"(?:投子认负|推枰认负|投子|认负|认输|超时判负|超时负|超时|告负|负|输|败|失败)"
_WORDS: Final = (
    (
        RED_WON,
        rf"红(?:方|棋|先)?{_WINS}|先手?{_WINS}|黑(?:方|棋)?{_LOSES}|后手{_LOSES}"
        rf"|(?:(?:red|white)(?:wins?|won)|black(?:resigns?|resigned|loses?|lost)){_HOW}|(?:đỏ|tiên)thắng|đenthua|hậubại"
        r"|rotgewinnt|schwarzgibtauf|(?:les)?rougesgagnent|(?:ganan|gananlas)rojas|красные(?:выиграли|победили)|победакрасных",
    ),
    (
        BLACK_WON,
        rf"黑(?:方|棋|先)?{_WINS}|后手?{_WINS}|红(?:方|棋|先)?{_LOSES}|先手?{_LOSES}"
        rf"|(?:black(?:wins?|won)|(?:red|white)(?:resigns?|resigned|loses?|lost)){_HOW}|(?:đen|hậu)thắng|đỏthua|tiênbại"
        r"|schwarzgewinnt|rotgibtauf|(?:les)?noirsgagnent|(?:ganan|gananlas)negras|ч[её]рные(?:выиграли|победили)"
        r"|победач[её]рных",
    ),
    (
        DRAWN,
        r"(?:双方|红先|黑先|先)?(?:同意|握手|不变|战|弈|言|议|成|作|判)?(?:和棋|和局|言和|作和|议和|成和|战和|弈和|和|平局)"
        rf"|(?:draw|drawn|gamedrawn){_HOW}|drawagreed|hòa(?:cờ)?|hoà(?:cờ)?|huề|引き?分け?|remis|tablas|nulle|ничья",
    ),
)
_PATTERNS: Final = tuple((result, re.compile(pattern)) for result, pattern in _WORDS)
_SAME: Final = str.maketrans("紅勝負認輸贏時獲雙後議戰敗–—−‒:∶⁄", "红胜负认输赢时获双后议战败------/")
_LABEL: Final = re.compile(
    r"(?:对局|本局|比赛|最终)?(?:(?:结果|結果|result)[:：]?|(?:winner|胜方|勝方)\s*[:：])", re.IGNORECASE
)
#: What names the winner, or the points that Red got, in a tag.
_WINNERS: Final = {
    **dict.fromkeys(("red", "white", "红", "紅", "红方", "紅方", "先手", "r", "w", "1", "1.0"), RED_WON),
    **dict.fromkeys(("black", "黑", "黑方", "后手", "後手", "b", "0"), BLACK_WON),
    **dict.fromkeys(("0.5", "d"), DRAWN),
}
_AROUND: Final = " \t\n\r()[]（）［］【】《》<>「」\"'“”。，,;；!！.·-=*#~"
_LONGEST: Final = 40


def result_of_tag(words: str) -> str:
    """Return the result that a tag's value means: also where it only names the winner (``Red``, 黑方) or his points.

    >>> [result_of_tag(words) for words in ("Red", "黑方", "1", "0.5", "?")]
    ['1-0', '0-1', '1-0', '1/2-1/2', '*']
    """
    return _WINNERS.get(words.strip(_AROUND).lower()) or result_of(words)


@lru_cache(1024)  # a text says the same words again and again
def result_of(words: str) -> str:
    """Return the result that words mean (``1-0``, 红胜, 和棋, ``Black resigns`` ...), ``*`` for any others.

    >>> [result_of(words) for words in ("１－０", "（红胜）", "结果：和局", "red is better")]
    ['1-0', '1-0', '1/2-1/2', '*']
    """
    if words in RESULTS:
        return words
    if len(words) > _LONGEST:
        return UNKNOWN
    text, labels = _LABEL.subn("", words.strip(_AROUND), count=1)
    if labels and (winner := _WINNERS.get(text.strip(_AROUND).lower())):
        return winner
    text = "".join(unicodedata.normalize("NFKC", text).lower().translate(_SAME).split()).strip(_AROUND)
    if text in _NUMBERS:
        return _NUMBERS[text]
    return next((result for result, pattern in _PATTERNS if pattern.fullmatch(text)), UNKNOWN)
