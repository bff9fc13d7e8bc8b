"""What the readers of all formats share: taking in a small file whole, and deciding what becomes of a broken game."""

from __future__ import annotations

from codecs import StreamRecoder
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final

from xiangqi_gpt.rules import START_FEN

from ..errors import CorpusError, OnIllegal, RecordError
from ..game import Game

#: Longest text or file of one game in bytes; real ones are below a tenth of it.
LONGEST_GAME: Final = 16 << 20
_BLOCK: Final = 1 << 20


def read_whole(path: str | Path, what: str) -> bytes:
    """The bytes of a file of one game. Raises ``CorpusError`` when it is missing, or too large to be ``what``."""
    path = Path(path)
    check_exists(path)
    with path.open("rb") as file:
        raw = file.read(LONGEST_GAME + 1)
    if len(raw) > LONGEST_GAME:
        raise CorpusError(f"{path} is larger than {LONGEST_GAME >> 20} MiB, which no {what} is", code="record_large")
    return raw


def sections(file: IO[bytes] | StreamRecoder, marker: bytes) -> Iterator[bytes]:
    """What stands before the first marker of a file, then what stands after each, in bounded memory.

    Of a section longer than a game may be, only the start is given.
    """
    section = b""
    overlong = False
    while block := file.read(_BLOCK):
        *whole, section = (section + block).split(marker)
        yield from whole[overlong:]
        overlong = overlong and not whole
        if len(section) > LONGEST_GAME:
            if not overlong:
                yield section
            section, overlong = section[-len(marker) :], True
    if not overlong:
        yield section


def check_exists(path: str | Path) -> None:
    """Raise ``CorpusError`` unless there is such a regular file, which can be read twice."""
    path = path if isinstance(path, Path) else Path(path)
    if path.is_file():
        return
    if path.is_dir():
        raise CorpusError(f"{path} is a folder, not a record file", code="record_folder", name=str(path))
    if path.exists():
        raise CorpusError(f"{path} is a pipe or a device, not a file", code="record_special", name=str(path))
    raise CorpusError(f"no such file: {path}", code="record_missing", name=str(path))


def handle_broken_game(
    game: Game,
    errors: Iterable[RecordError],
    on_illegal: OnIllegal,
    problems: list[RecordError] | None,
    *,
    path: str | None,
    number: int,
) -> bool:
    """Whether a game is to be used after what was found wrong in it.

    The errors get the file and the number of the game and are added to ``problems``, or the first that costs the game
    is raised. What costs a part of a game beside its main line costs no more than that. A game that is used although
    it was cut gets the flag ``truncated``.
    """
    broken = False
    for error in errors:
        placed = error.placed(path, number)
        if error.scope == "game":
            broken = True
            if on_illegal == "fail":
                raise placed
        if problems is not None:
            problems.append(placed)
    if not broken:
        return True
    game.add_flag("truncated")
    return on_illegal == "cut" and bool(game.moves)


def check_has_moves(game: Game, errors: Iterable[RecordError], path: str | Path) -> None:
    """Raise ``CorpusError`` for a file whose only game is the start position and nothing else."""
    if not game.moves and not any(error.scope == "game" for error in errors) and game.root == START_FEN:
        raise CorpusError(f"{path} holds no moves", code="record_none")
