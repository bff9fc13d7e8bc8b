"""Which of the encodings of Chinese text a file is in: UTF-8, GB18030 or Big5."""

from __future__ import annotations

import re
from typing import Final

#: What nearly every Xiangqi record has somewhere. Bytes of one encoding seldom give these in the other.
_XIANGQI: Final = re.compile("[车車马馬炮砲兵卒相象仕士帅帥将將进進退平一二三四五六七八九紅红勝胜棋]")
_CANDIDATES: Final = ("gb18030", "big5hkscs")


def decode(raw: bytes, expected: str | None = None) -> tuple[str, str]:
    """Text and the name of its encoding.

    UTF-8 where the bytes are valid UTF-8; else ``expected`` (the encoding of what came before) where they are valid in
    that; else GB18030 or Big5, whichever gives more of the characters of Xiangqi. Bytes that fit nothing become U+FFFD.
    """
    for encoding in ("utf-8", expected):
        if encoding:
            try:
                return raw.decode(encoding), encoding
            except UnicodeDecodeError:
                continue
    texts = {encoding: raw.decode(encoding, errors="replace") for encoding in (*_CANDIDATES, "utf-8")}
    best = max(texts, key=lambda encoding: len(_XIANGQI.findall(texts[encoding])) - 3 * texts[encoding].count("�"))
    return texts[best], best
