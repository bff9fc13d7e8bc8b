"""Which of the encodings of Chinese text a file is in: UTF-8, GB18030 or Big5."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from typing import IO, Final

#: What nearly every Xiangqi record has somewhere. Bytes of one encoding seldom give these in the other.
_XIANGQI: Final = re.compile("[車车马馬炮砲兵卒相象仕士帅帥将將进進退平一二三四五六七八九紅红勝胜棋]")
_CANDIDATES: Final = ("gb18030", "big5hkscs", "utf-8")
UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


def keep_ascii(file: IO[bytes]) -> IO[bytes] | codecs.StreamRecoder:
    """The file, or in place of UTF-16 the same in UTF-8, so that ASCII can be looked for."""
    start = file.read(2)
    file.seek(0)
    return codecs.EncodedFile(file, "utf-8", "utf-16", errors="replace") if start in UTF16_MARKS else file


def decode(raw: bytes, expected: str | None = None) -> tuple[str, str]:
    """Text and the name of its encoding.

    UTF-16 after its byte order mark; UTF-8 where the bytes are valid UTF-8; else ``expected`` (the encoding of what
    came before) where they are valid in that; else GB18030 or Big5, whichever gives more of the characters of Xiangqi.
    Bytes that fit nothing become U+FFFD.
    """
    if raw.startswith(UTF16_MARKS):
        return decode_as(raw, "utf-16"), "utf-16"
    for known in ("utf-8", expected):
        if known:
            try:
                return raw.decode(known).removeprefix("\ufeff"), known
            except UnicodeDecodeError:
                continue
    best = guess_encoding(raw, _CANDIDATES)
    return decode_as(raw, best), best


def decode_as(raw: bytes, encoding: str) -> str:
    """Text in a known encoding; bytes that do not fit become U+FFFD."""
    return raw.decode(encoding, errors="replace")


def guess_encoding(raw: bytes, candidates: Sequence[str]) -> str:
    """The encoding that gives most of the characters of Xiangqi and least that fits nothing, the first among equals."""
    texts = {encoding: decode_as(raw, encoding) for encoding in candidates}
    return max(texts, key=lambda encoding: len(_XIANGQI.findall(texts[encoding])) - 3 * texts[encoding].count("�"))
