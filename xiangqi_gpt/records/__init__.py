"""Game records: files in and out, the corpus, and the store that training reads."""

from .batch import NO_LABEL, NO_SCORE, GameBatch, batch_from_games
from .corpus import read_corpus, read_corpus_games
from .corpus_writer import write_corpus
from .errors import CorpusError, OnIllegal, RecordError
from .formats import FORMATS
from .game import RESULTS, Game, Labels, Line, result_code
from .pgn import parse_pgn, read_pgn
from .pgn_writer import Notation, format_pgn, write_pgn
from .read import read_batches, read_games

__all__ = [
    "FORMATS",
    "NO_LABEL",
    "NO_SCORE",
    "RESULTS",
    "CorpusError",
    "Game",
    "GameBatch",
    "Labels",
    "Line",
    "Notation",
    "OnIllegal",
    "RecordError",
    "batch_from_games",
    "format_pgn",
    "parse_pgn",
    "read_batches",
    "read_corpus",
    "read_corpus_games",
    "read_games",
    "read_pgn",
    "result_code",
    "write_corpus",
    "write_pgn",
]
