"""Game records: files in and out, the corpus, and the store that training reads.

Each name is imported when it is first used: the window needs the tree of a game long before it reads a file.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .corpus.batch import NO_LABEL as NO_LABEL
    from .corpus.batch import NO_SCORE as NO_SCORE
    from .corpus.batch import GameBatch as GameBatch
    from .corpus.batch import batch_from_games as batch_from_games
    from .corpus.corpus_reader import read_corpus as read_corpus
    from .corpus.corpus_reader import read_corpus_games as read_corpus_games
    from .corpus.corpus_writer import write_corpus as write_corpus
    from .errors import CorpusError as CorpusError
    from .errors import OnIllegal as OnIllegal
    from .errors import RecordError as RecordError
    from .formats.detection import FORMATS as FORMATS
    from .formats.pgn import parse_pgn as parse_pgn
    from .formats.pgn import read_pgn as read_pgn
    from .formats.pgn_writer import Notation as Notation
    from .formats.pgn_writer import format_pgn as format_pgn
    from .formats.pgn_writer import write_pgn as write_pgn
    from .game import Game as Game
    from .game import Labels as Labels
    from .game import result_code as result_code
    from .game_node import GameNode as GameNode
    from .load_games import read_batches as read_batches
    from .load_games import read_games as read_games
    from .results import RESULTS as RESULTS

_EXPORTS: Final = {
    "corpus.batch": ("NO_LABEL", "NO_SCORE", "GameBatch", "batch_from_games"),
    "corpus.corpus_reader": ("read_corpus", "read_corpus_games"),
    "corpus.corpus_writer": ("write_corpus",),
    "errors": ("CorpusError", "OnIllegal", "RecordError"),
    "formats.detection": ("FORMATS",),
    "formats.pgn": ("parse_pgn", "read_pgn"),
    "formats.pgn_writer": ("Notation", "format_pgn", "write_pgn"),
    "game": ("Game", "Labels", "result_code"),
    "game_node": ("GameNode",),
    "load_games": ("read_batches", "read_games"),
    "results": ("RESULTS",),
}
_HOME: Final = {name: module for module, names in _EXPORTS.items() for name in names}

__all__ = [*_HOME]  # names that __getattr__ finds


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
