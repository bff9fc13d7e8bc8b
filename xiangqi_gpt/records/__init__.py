"""Game records: files in and out, the corpus, and the store that training reads."""

from .corpus.batch import NO_LABEL, NO_SCORE, GameBatch, batch_from_games
from .corpus.corpus_reader import read_corpus, read_corpus_games
from .corpus.corpus_writer import write_corpus
from .errors import CorpusError, OnIllegal, RecordError
from .formats.detection import FORMATS
from .formats.pgn import parse_pgn, read_pgn
from .formats.pgn_writer import Notation, format_pgn, write_pgn
from .game import Game, Labels, Variation, result_code
from .load_games import read_batches, read_games
from .results import RESULTS

__all__ = [
    "FORMATS",
    "NO_LABEL",
    "NO_SCORE",
    "RESULTS",
    "CorpusError",
    "Game",
    "GameBatch",
    "Labels",
    "Notation",
    "OnIllegal",
    "RecordError",
    "Variation",
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
