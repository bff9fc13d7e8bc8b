"""English names of openings, composed from the parts of their Chinese names as the usual English terms have them."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

#: What a part of a name means. Files and pawns are counted from the right of their side, 1 to 9.
_TERMS: Final = {
    # systems
    "中炮": "Central Cannon",
    "左中炮": "Left Central Cannon",
    "右中炮": "Right Central Cannon",
    "五六炮": "5-6 Cannons",
    "五七炮": "5-7 Cannons",
    "五八炮": "5-8 Cannons",
    "五九炮": "5-9 Cannons",
    "顺炮": "Same Direction Cannons",
    "列炮": "Opposite Direction Cannons",
    "后补列炮": "Delayed Opposite Direction Cannons",
    "屏风马": "Screen Horses",
    "反宫马": "Sandwiched Horse",
    "单提马": "Single Horse",
    "左三步虎": "Left Three-Step Tiger",
    "右三步虎": "Right Three-Step Tiger",
    "龟背炮": "Turtle-Back Cannons",
    "鸳鸯炮": "Mandarin Duck Cannons",
    "两头蛇": "Two-Headed Snake",
    "仙人指路": "Pawn Opening",
    "对兵": "Opposing Pawns",
    "顺相": "Same Direction Elephants",
    "列相": "Opposite Direction Elephants",
    "起马": "Horse Opening",
    # cannons
    "过宫炮": "Cross-Palace Cannon",
    "左过宫炮": "Left Cross-Palace Cannon",
    "右过宫炮": "Right Cross-Palace Cannon",
    "士角炮": "Palcorner Cannon",
    "仕角炮": "Palcorner Cannon",
    "左士角炮": "Left Palcorner Cannon",
    "右士角炮": "Right Palcorner Cannon",
    "卒底炮": "Cannon behind Pawn",
    "兵底炮": "Cannon behind Pawn",
    "金钩炮": "Golden Hook Cannon",
    "边炮": "Edge Cannon",
    "左边炮": "Left Edge Cannon",
    "退边炮": "Retreated Edge Cannon",
    "高左炮": "Raised Left Cannon",
    "高右炮": "Raised Right Cannon",
    "巡河炮": "Riverbank Cannon",
    "左炮巡河": "Left Riverbank Cannon",
    "右炮巡河": "Right Riverbank Cannon",
    "过河炮": "Cross-River Cannon",
    "左炮过河": "Left Cross-River Cannon",
    "右炮过河": "Right Cross-River Cannon",
    "双炮过河": "Both Cannons Cross-River",
    "左炮封车": "Left Cannon Blocks Rook",
    "平炮兑车": "Cannon Offers Rook Exchange",
    "平炮压马": "Cannon Presses Horse",
    "进炮打马": "Cannon Attacks Horse",
    "炮打中卒": "Cannon Takes Central Pawn",
    # rooks
    "直车": "Filed Rook",
    "左直车": "Left Filed Rook",
    "右直车": "Right Filed Rook",
    "双直车": "Two Filed Rooks",
    "直车巡河": "Filed Riverbank Rook",
    "兑直车": "Filed Rook Exchange",
    "横车": "Ranked Rook",
    "左横车": "Left Ranked Rook",
    "右横车": "Right Ranked Rook",
    "双横车": "Two Ranked Rooks",
    "右横车过河": "Right Ranked Cross-River Rook",
    "缓开车": "Delayed Rook",
    "巡河车": "Riverbank Rook",
    "右车巡河": "Right Riverbank Rook",
    "过河车": "Cross-River Rook",
    "骑河车": "Far-Riverbank Rook",
    # horses
    "边马": "Edge Horse",
    "左边马": "Left Edge Horse",
    "右边马": "Right Edge Horse",
    "左正马": "Left Horse to 3rd File",
    "七路马": "7th-File Horse",
    "左马盘河": "Left Riverbank Horse",
    "右马盘河": "Right Riverbank Horse",
    "左马外盘河": "Left Outer Riverbank Horse",
    "右马外盘河": "Right Outer Riverbank Horse",
    "拐角马": "Corner Horse",
    "进左马": "Left Horse",
    "进右马": "Right Horse",
    "急进左马": "Rapid Left Horse",
    "不进左马": "without Left Horse",
    "后补左马": "Delayed Left Horse",
    "互进右马": "Mutual Right Horses",
    "互进边马": "Mutual Edge Horses",
    # advisors and elephants
    "上仕": "Advisor",
    "上士": "Advisor",
    "上右士": "Right Advisor",
    "先上仕": "Early Advisor",
    "先上士": "Early Advisor",
    "飞相": "Elephant",
    "飞象": "Elephant",
    "飞左象": "Left Elephant",
    "飞右象": "Right Elephant",
    "边相": "Edge Elephant",
    # pawns
    "边兵": "Edge Pawn",
    "边卒": "Edge Pawn",
    "进中兵": "Central Pawn",
    "进三兵": "3rd Pawn",
    "进七兵": "7th Pawn",
    "进3卒": "3rd Pawn",
    "进7卒": "7th Pawn",
    "连进7卒": "7th Pawn Twice",
    "不进三兵": "without 3rd Pawn",
    "互进三兵": "Mutual 3rd Pawns",
    "互进七兵": "Mutual 7th Pawns",
    "兑三兵": "3rd Pawn Exchange",
    "兑七兵": "7th Pawn Exchange",
    "兑7卒": "7th Pawn Exchange",
    "兑边卒": "Edge Pawn Exchange",
    "兑双兵": "Two-Pawn Exchange",
    "弃双兵": "Two-Pawn Sacrifice",
    "其他": "Others",
    "其他开局": "Other Openings",
}
#: Between terms; what is not said in English is a comma.
_LINKS: Final = {"对": " vs ", "转": " into ", "或": " or ", "红": "Red ", "黑": "Black "}
_OPENING: Final = "局"
#: What stands for a system where a name begins with it, and for a move elsewhere.
_SYSTEM: Final = {"飞相": "Elephant Opening"}
_DIGITS: Final = str.maketrans("１２３４５６７８９", "123456789")
_PARTS: Final = re.compile("|".join(sorted((*_TERMS, *_LINKS, _OPENING), key=len, reverse=True)))


def english_opening(text: str) -> str:
    """Return the English for an opening's code, name and variation, as ``records.Opening`` writes them.

    What is no name that an encyclopaedia of openings is made of stays as it is.

    >>> english_opening("C04 中炮七路马对屏风马 红进中兵对黑双炮过河")
    'C04 Central Cannon, 7th-File Horse vs Screen Horses: Red Central Pawn vs Black Both Cannons Cross-River'
    """
    words = text.split()
    code = [words.pop(0)] if words and words[0].isascii() else []
    names = [_english(word.translate(_DIGITS)) for word in words]
    if None in names:
        return text
    return " ".join([*code, ": ".join(filter(None, names))])


@cache
def _english(name: str) -> str | None:
    """The English for a name without blanks; None where a part of it is unknown."""
    parts = _PARTS.findall(name)
    if "".join(parts) != name:
        return None
    english, after_term = "", False
    for part in parts:
        if part == _OPENING:
            english += "" if "," in english or "Opening" in english else " Opening"
        elif part in _LINKS:
            english += _LINKS[part]
        else:
            meaning = _SYSTEM.get(part) if not english else None
            english += ", " * after_term + (meaning or _TERMS[part])
        after_term = part in _TERMS
    return english


def chinese_words(text: str) -> str:
    """Return what a person typed with the English terms of openings in it as Chinese names have them.

    >>> chinese_words("hu central cannon 1999")
    'hu 中炮 1999'
    """
    for english, chinese in _in_chinese():
        text = re.sub(rf"\b{re.escape(english)}\b", chinese, text, flags=re.IGNORECASE)
    return text


@cache
def _in_chinese() -> list[tuple[str, str]]:
    """The English terms, the longest first; of several Chinese ones for the same the first counts."""
    terms: dict[str, str] = {}
    for chinese, english in _TERMS.items():
        terms.setdefault(english, chinese)
    return sorted(terms.items(), key=lambda pair: -len(pair[0]))
