"""FENs as people paste them: in addresses of sites, with pockets, in quotes, with words and other signs around."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_RANK: Final = r"[1-9KABNRCPEHMkabnrcpehm]{1,9}"
_SLASH: Final = r"(?:[/／\\|]|%2[Ff])"
_GAP: Final = r"(?:[\s_+]|%20|&nbsp;)+"
_FEN: Final = re.compile(
    rf"(?<![A-Za-z0-9])(?P<board>{_RANK}(?:{_SLASH}{_RANK}){{9}})(?![A-Za-z0-9]){_SLASH}?(?:\[[^\]\s]{{0,20}}\]|%5[Bb][^\s%]{{0,20}}%5[Dd])?"
    rf"(?:{_GAP}(?P<side>w|b|r|white|black|red|红方?|紅方?|黑方?)(?![a-z])"
    rf"(?P<rest>(?:{_GAP}(?:-|[KQkq]{{1,4}}|\d{{1,6}})(?![A-Za-z0-9.．、-])){{0,4}}))?",
    re.IGNORECASE,
)
_TIDY: Final = re.compile(r"[A-Za-z0-9/ -]+\Z")
_RUNS: Final = re.compile(r"\d|[A-Za-z]")


@dataclass(frozen=True)
class FoundFen:
    """A FEN in a text: from where to where it stands there, and how it is written."""

    start: int
    end: int
    fen: str


def find_fen(text: str, at: int = 0) -> FoundFen | None:
    """Return the first FEN in ``text[at:]`` whose ranks have nine squares each, in an address or among words.

    >>> found = find_fen("see https://x.org/?fen=3k5/9/9/9/9/9/9/9/9/4K4[]_b_-_-_0_1 !")
    >>> found.fen if found else None
    '3k5/9/9/9/9/9/9/9/9/4K4 b - - 0 1'
    """
    for match in _FEN.finditer(text, at):
        ranks = re.split(_SLASH, match["board"])
        if all(sum(int(sign) if sign.isdigit() else 1 for sign in _RUNS.findall(rank)) == 9 for rank in ranks):
            fields = ["/".join(ranks), _side(match["side"] or "w")]
            fields += re.sub(_GAP, " ", match["rest"] or "").split()
            return FoundFen(match.start(), match.end(), " ".join(fields))
    return None


def tidy_fen(text: str) -> str:
    """Return a FEN that was pasted as FENs are written, other text as it is.

    >>> tidy_fen('"fen 3k5/9/9/9/9/9/9/9/9/4K4/ red"')
    '3k5/9/9/9/9/9/9/9/9/4K4 w'
    """
    if _TIDY.match(text) and "/ " not in text and not text[:4].lower().startswith("fen"):
        return text
    found = find_fen(text)
    if found is None:
        return text
    before, after = text[: found.start].strip(" \t\r\n\"'“”‘’`:=："), text[found.end :].strip(" \t\r\n\"'“”‘’`;,")
    if before.lower() in ("", "fen", "position fen", "position") and not after:
        return found.fen
    if "://" in before or before.lower().startswith("www."):
        return found.fen
    return text


def _side(word: str) -> str:
    return "b" if word[0] in "bB黑" else "w"
