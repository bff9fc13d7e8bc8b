"""One game whose moves are text, with the tags that were read elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from xiangqi_gpt.rules import START_FEN, FenError, Position
from xiangqi_gpt.rules.fen import format_fen

from ..errors import RecordError
from ..game import Game
from ..results import UNKNOWN, result_of_tag
from .movetext import read_movetext
from .spaced_moves import close_up
from .text_reader import Movetext
from .variants import (
    OtherGameError,
    check_moves,
    check_pawn_moves,
    check_tags,
    is_pawn_step,
    names_xiangqi,
    read_root,
    start_position,
)

_OTHER_NAMES: Final = {"White": "Red", "WhiteTeam": "RedTeam", "WhiteElo": "RedElo"}
#: Tags that say what ``Game`` holds in fields, or how the file is written.
_NOT_KEPT: Final = frozenset(("Game", "FEN", "SetUp", "Result", "Format"))
_KNOWN_TAGS: Final = (
    *("Game", "Event", "Site", "Date", "Round", "Red", "Black", "White", "Result", "FEN", "Format", "SetUp", "Variant"),
    *("RedTeam", "BlackTeam", "WhiteTeam", "RedElo", "BlackElo", "WhiteElo", "ECCO", "Opening", "Variation", "Title"),
    *("Annotator", "Author", "TimeControl", "Termination", "Kind", "Source", "Year", "Flags", "PlyCount", "Remark"),
)
#: Names of tags, also in small letters -> as they are known.
TAG_NAMES: Final = {name.lower(): name for name in _KNOWN_TAGS} | {name: name for name in _KNOWN_TAGS}
_COUNTS_FROM_ONE: Final = ("elephantchess", "pychess", "lishogi", "fairyground", "playstrategy")
#: What a tag says where no result is known.
_NO_RESULT: Final = frozenset((UNKNOWN, "?", "-", "?-?", "", "未知", "不详", "unknown"))
_ENOUGH: Final = 4  # moves that replay from the usual start although the FEN cannot be read


def read_text_game(
    text: str, at: int, tags: dict[str, str], line_of: Callable[[int], int]
) -> tuple[Game, list[RecordError], int]:
    """Read the game whose moves begin at ``text[at]``: the game, what was wrong, and where it ends in the text.

    ``line_of`` gives the line of the file that a place is in.
    """
    game = Game(tags={_OTHER_NAMES.get(name, name): value for name, value in tags.items() if name not in _NOT_KEPT})
    fen, bad_fen, root = tags.get("FEN", ""), None, start_position()
    try:
        if "Variant" in tags or "Game" in tags:
            check_tags(tags)
        if fen:
            root = read_root(fen)
    except OtherGameError as error:
        return game, [RecordError(error, line=line_of(at))], len(text)
    except FenError as error:
        bad_fen = RecordError(error, line=line_of(max(text.find("[FEN"), 0)))
    game.root = START_FEN if root is start_position() else format_fen(root)
    game, found = _read_moves(text, at, game, root, from_one=bool(fen) and _counts_from_one(tags))
    errors = [part.error(line_of(part.place)) for part in found.breaks]
    if bad_fen is not None:
        if found.broke_at or len(game.moves) < _ENOUGH:
            return Game(tags=game.tags), [bad_fen], found.end
        reason = f"{bad_fen.reason}; the moves replay from the usual start"
        errors.append(RecordError(reason, line=bad_fen.line, scope="part", code="record_start"))
    try:
        if found.broke_at:
            check_moves(text, at, found.end)
        if not names_xiangqi(tags) and not fen and (found.broke_at or is_pawn_step(found.moves)):
            check_pawn_moves(text, at, found.end)
    except OtherGameError as error:
        return Game(tags=game.tags), [RecordError(error, line=line_of(at))], found.end
    if any(part.is_pass and part.on_main_line for part in found.breaks):
        game.add_flag("truncated")
    errors += [RecordError(note, line=line_of(at), scope="note") for note in found.notes()]
    by_tag = result_of_tag(tags["Result"]) if "Result" in tags else UNKNOWN
    if by_tag == UNKNOWN and tags.get("Result", UNKNOWN).strip().lower() not in _NO_RESULT:
        errors.append(
            RecordError(f"no result is known by the words {tags['Result'][:40]!r}", line=line_of(at), scope="note")
        )
    game.result = found.result if by_tag == UNKNOWN else by_tag
    if UNKNOWN not in (by_tag, found.result) and by_tag != found.result:
        game.add_flag("result_conflict")
    return game, errors, found.end


def _read_moves(text: str, at: int, game: Game, root: Position, *, from_one: bool) -> tuple[Game, Movetext]:
    """Read the moves into ``game``, or, where they go further with the blanks inside moves closed up, into another."""
    found = read_movetext(text, at, game, root, from_one=from_one)
    is_whole = not found.broke_at and (found.moves or not found.skipped)
    if is_whole or (closed := close_up(text, at, found.end)) is None:
        return game, found
    other = Game(tags=game.tags)
    other.root = game.root
    again = read_movetext(closed, at, other, root, from_one=from_one)
    goes_further = len(again.moves) > len(found.moves) or (found.broke_at and not again.broke_at)
    return (other, again) if goes_further else (game, found)


def _counts_from_one(tags: dict[str, str]) -> bool:
    """Whether a game comes from a program that counts ranks from 1."""
    if "Variant" in tags:
        return True
    site = tags.get("Site", "").lower()
    return bool(site) and any(name in site for name in _COUNTS_FROM_ONE)
