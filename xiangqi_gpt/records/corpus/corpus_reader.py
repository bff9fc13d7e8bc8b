"""The corpus: many games in one Parquet file, read in bounded memory.

One row a game. ``moves`` (coordinates separated by spaces) is the only column that must be there; the others are
those of ``COLUMNS``. Labels of an engine are optional: ``best`` (moves, or ``-`` for none) and ``cp`` (centipawns for
the side to move) hold one entry a ply from ply ``k`` on, ``noise`` the numbers of the plies played at random.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules import START_FEN, Board, FenError, IllegalMoveError, parse_fen
from xiangqi_gpt.rules.fen import format_fen
from xiangqi_gpt.rules.moves import MOVES

from ..errors import CorpusError, OnIllegal, RecordError, check_on_illegal
from ..game import Game, Labels, result_code, year_in
from ..results import RESULTS
from .batch import NO_LABEL, NO_SCORE, GameBatch
from .coordinates import count_legal, read_move_lists
from .duckdb_package import import_duckdb
from .policy_targets import read_policy_column, targets_of_plies
from .sql import connect, first_line, pattern, quoted

if TYPE_CHECKING:
    import duckdb

#: Column -> SQL type.
COLUMNS: Final = {
    "moves": "VARCHAR",
    "plies": "SMALLINT",
    "result": "VARCHAR",
    "kind": "VARCHAR",
    "event": "VARCHAR",
    "date": "VARCHAR",
    "year": "SMALLINT",
    "red": "VARCHAR",
    "black": "VARCHAR",
    "red_elo": "SMALLINT",
    "black_elo": "SMALLINT",
    "ecco": "VARCHAR",
    "init_fen": "VARCHAR",
    "truncated": "BOOLEAN",
    "prefix_of_other": "BOOLEAN",
    "result_conflict": "BOOLEAN",
    "source": "VARCHAR",
}
#: What an import adds: the part of the corpus a game belongs to, and its opening class by tag or by its moves.
IMPORT_COLUMNS: Final = {"split": "VARCHAR", "opening": "VARCHAR"}
LABEL_COLUMNS: Final = {
    "k": "SMALLINT",
    "best": "VARCHAR",
    "cp": "SMALLINT[]",
    "noise": "SMALLINT[]",
    "policy": "VARCHAR",
}
FLAGS: Final = ("truncated", "prefix_of_other", "result_conflict")

#: Column -> PGN tag of the same meaning.
TAGS: Final = {
    "event": "Event",
    "date": "Date",
    "red": "Red",
    "black": "Black",
    "red_elo": "RedElo",
    "black_elo": "BlackElo",
    "ecco": "ECCO",
    "kind": "Kind",
    "source": "Source",
}

_Columns = dict[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Order:
    """A random order, the same for the same seed; what does not fit into ``memory`` bytes goes to ``folder``."""

    seed: int
    memory: int
    folder: Path


def read_corpus(
    path: str | Path,
    *,
    where: str | None = None,
    on_illegal: OnIllegal = "drop",
    batch_games: int = 4096,
    problems: list[RecordError] | None = None,
    order: Order | None = None,
) -> Iterator[GameBatch]:
    """The games of a Parquet corpus, ``batch_games`` at a time, in file order or in ``order``; all of it checked.

    ``where`` is an SQL condition over the columns (``"year >= 2000 and result = '1-0'"``). A broken game is left out,
    cut before the break, or raised as a ``RecordError`` naming its row (from 1) and ply; what was dropped or cut is
    added to ``problems``. Raises ``CorpusError`` for a file that is no corpus and for an unusable ``where``.
    """
    for columns in _read_columns(path, where, on_illegal, batch_games, order):
        yield _check(path, columns, on_illegal, problems)[0]


def read_corpus_games(
    path: str | Path,
    *,
    where: str | None = None,
    on_illegal: OnIllegal = "drop",
    problems: list[RecordError] | None = None,
) -> Iterator[Game]:
    """``read_corpus``, one ``Game`` with its tags and labels at a time."""
    for columns in _read_columns(path, where, on_illegal, 1024):
        batch, kept = _check(path, columns, on_illegal, problems)
        for g, row in enumerate(kept):
            yield _to_game(batch, g, columns, row)


def count_rows(path: str | Path) -> int:
    """How many rows a Parquet file has. Raises ``CorpusError`` for a file that is none."""
    duckdb = import_duckdb()

    if not Path(path).is_file():
        raise CorpusError(f"no such corpus: {path}", code="record_missing", name=str(path))
    with closing(duckdb.connect()) as connection:
        try:
            rows = connection.execute("SELECT sum(num_rows) FROM parquet_file_metadata(?)", [pattern(path)]).fetchall()
        except duckdb.Error as error:
            raise CorpusError(f"{path} is not a Parquet file: {first_line(error)}", code="corpus_format") from None
    return int(rows[0][0])


def _read_columns(
    path: str | Path,
    where: str | None,
    on_illegal: str,
    batch_games: int,
    order: Order | None = None,
) -> Iterator[_Columns]:
    """Rows of the file turned into columns, ``batch_games`` rows at a time; ``row`` counts from 1."""
    duckdb = import_duckdb()

    check_on_illegal(on_illegal)
    names = ("row", *COLUMNS, *LABEL_COLUMNS)
    with closing(connect(order.folder, order.memory) if order else duckdb.connect()) as connection:
        query = select_games(connection, path, where, COLUMNS | LABEL_COLUMNS)
        if order:
            query += f" ORDER BY hash(file_row_number, {order.seed}::BIGINT), file_row_number"
        try:
            connection.execute(query)
            while rows := connection.fetchmany(batch_games):
                yield dict(zip(names, zip(*rows, strict=True), strict=True))
        except duckdb.Error as error:
            said = first_line(error, names)
            if where is None:
                raise CorpusError(f"{path}: cannot be read: {said}", code="corpus_damaged") from None
            raise CorpusError(f"{path}: cannot select games where {where!r}: {said}") from None


def select_games(
    connection: duckdb.DuckDBPyConnection, path: str | Path, where: str | None, columns: Mapping[str, str]
) -> str:
    """The statement that gives each game's row (from 1) and ``columns`` (name -> SQL type; NULL where there is none).

    Raises ``CorpusError`` for a file that is no corpus and for a ``where`` that is not one condition.
    """
    duckdb = import_duckdb()

    if not Path(path).is_file():
        raise CorpusError(f"no such corpus: {path}", code="record_missing", name=str(path))
    source = f"FROM read_parquet({quoted(pattern(path))}, file_row_number = true)"
    try:
        found = connection.execute(f"DESCRIBE SELECT * {source}").fetchall()
        count = connection.execute(f"SELECT count(*) {source}").fetchall()[0][0]
    except duckdb.Error as error:
        raise CorpusError(f"{path} is not a Parquet file: {first_line(error)}", code="corpus_format") from None
    types = {column.lower(): kind for column, kind, *_ in found if column != "file_row_number"}
    if types.get("moves") != "VARCHAR":
        what = f"{path} is not a game corpus: no text column 'moves' among {', '.join(types)}"
        raise CorpusError(what, code="corpus_columns", columns=", ".join(types))
    if not count:
        raise CorpusError(f"{path} holds no games", code="corpus_empty")
    fields = [
        f"CAST({column} AS {kind}) AS {column}" if column in types else f"CAST(NULL AS {kind}) AS {column}"
        for column, kind in columns.items()
    ]
    query = f"SELECT file_row_number + 1 AS row, {', '.join(fields)} {source}"
    if where is None:
        return query
    query += f" WHERE ({where}\n)"  # the line break ends a comment in the condition
    try:
        statements = len(connection.extract_statements(query))
    except duckdb.Error as error:
        raise CorpusError(f"cannot select games where {where!r}: {first_line(error)}") from None
    if statements != 1:
        raise CorpusError(f"cannot select games where {where!r}: one SQL condition is expected")
    return query


# --- checking


def _check(
    path: str | Path, columns: _Columns, on_illegal: OnIllegal, problems: list[RecordError] | None
) -> tuple[GameBatch, list[int]]:
    """The batch of the good games (or good parts of games), and the places of its games in ``columns``."""
    batch, broken = _to_batch(columns)
    boards, sides = _roots(columns["init_fen"], broken)
    legal = _count_legal(boards, sides, batch)
    for g in np.flatnonzero(legal < batch.lengths).tolist():
        ply = int(legal[g])
        if g not in broken or broken[g][0] > ply:
            broken[g] = (ply, "")
    if not broken:
        return batch, list(range(len(batch)))
    plies = batch.lengths
    keep = np.full(len(batch), True)
    for g, (ply, reason) in sorted(broken.items()):
        error = RecordError(
            reason or _why(batch, g, ply), path=path, game=columns["row"][g], ply=ply + 1 if ply >= 0 else None
        )
        if on_illegal == "fail":
            raise error
        if problems is not None:
            problems.append(error)
        keep[g] = on_illegal == "cut" and ply > 0
        plies[g] = ply
        batch.truncated[g] = True  # also where the unreadable rest never became plies
    return batch.cut(plies, keep), np.flatnonzero(keep).tolist()


def _count_legal(boards: npt.NDArray[np.int8], sides: npt.NDArray[np.int8], batch: GameBatch) -> npt.NDArray[np.int64]:
    """(G,) leading plies of each game whose move and labels are legal."""
    labels = [batch.best]
    if batch.policy_moves is not None:
        labels += [np.ascontiguousarray(column) for column in batch.policy_moves.T if (column != NO_LABEL).any()]
    legal = batch.lengths
    for label in labels:
        counts = count_legal(boards.copy(), sides.copy(), batch.moves, batch.offsets, label)
        legal = np.minimum(legal, counts)
    return legal


def _to_batch(columns: _Columns) -> tuple[GameBatch, dict[int, tuple[int, str]]]:
    """All games of the columns unchecked, and game -> (ply, reason) of those whose text cannot be read."""
    count = len(columns["moves"])
    texts = [text or "" for text in columns["moves"]]
    moves, offsets, unread = read_move_lists(texts)
    broken: dict[int, tuple[int, str]] = {}
    for g in np.flatnonzero(unread).tolist():
        ply = int(offsets[g + 1] - offsets[g])
        broken[g] = (ply, f"{texts[g].split()[ply][:20]!r} is not a move in coordinates (like h2e2)")
    best, cp, random_plies = _labels(columns, offsets, broken)
    firsts = [max(k or 0, 0) for k in columns["k"]]
    policy_moves, policy_weights = read_policy_column(columns["policy"], firsts, offsets, broken)
    fens = [fen.strip() if fen else "" for fen in columns["init_fen"]]
    batch = GameBatch(
        moves=moves,
        offsets=offsets,
        results=np.array([result_code(result) for result in columns["result"]], np.int8),
        kinds=[kind or "unknown" for kind in columns["kind"]],
        sources=[source or "" for source in columns["source"]],
        truncated=np.array([bool(flag) for flag in columns["truncated"]], np.bool_),
        prefix_of_other=np.array([bool(flag) for flag in columns["prefix_of_other"]], np.bool_),
        result_conflict=np.array([bool(flag) for flag in columns["result_conflict"]], np.bool_),
        best=best,
        cp=cp,
        random_plies=random_plies,
        first_target_ply=np.fromiter((k or 0 for k in columns["k"]), np.int16, count),
        start_fens=[fen or START_FEN for fen in fens] if any(fens) else None,
        policy_moves=policy_moves,
        policy_weights=policy_weights,
    )
    return batch, broken


def _labels(
    columns: _Columns, offsets: npt.NDArray[np.int64], broken: dict[int, tuple[int, str]]
) -> tuple[npt.NDArray[np.uint16] | None, npt.NDArray[np.int16] | None, npt.NDArray[np.bool_]]:
    """``best``, ``cp`` and ``random_plies`` of a batch; labels that do not fit their game are added to ``broken``."""
    plies = int(offsets[-1])
    is_random = np.zeros(plies, np.bool_)
    best = np.full(plies, NO_LABEL, np.uint16)
    cp = np.full(plies, NO_SCORE, np.int16)
    texts = [text or "" for text in columns["best"]]
    labels, label_offsets, unread = read_move_lists(texts)
    for g, text in enumerate(texts):
        begin, end = int(offsets[g]), int(offsets[g + 1])
        first, scores, random_plies = columns["k"][g] or 0, columns["cp"][g], columns["noise"][g]
        expected = max(end - begin - first, 0)
        if random_plies:
            wrong = [n for n in random_plies if n is None or not 0 <= n < end - begin]
            if wrong:
                broken.setdefault(g, (end - begin, f"noise at ply {wrong[0]}, the game has {end - begin} plies"))
            is_random[[begin + n for n in random_plies if n not in wrong]] = True
        if first < 0:
            broken.setdefault(g, (0, f"k is {first}, expected 0 or more"))
            continue
        for name, found in (("best", len(text.split())), ("cp", len(scores) if scores else 0)):
            if found not in (0, expected):
                broken.setdefault(g, (first + min(found, expected), f"{name} has {found} entries, expected {expected}"))
        found = min(int(label_offsets[g + 1] - label_offsets[g]), expected)
        if unread[g]:
            broken.setdefault(g, (first + found, f"best: {text.split()[found][:20]!r} is not a move (like h2e2)"))
        best[begin + first : begin + first + found] = labels[label_offsets[g] : label_offsets[g] + found]
        if scores:
            known = [NO_SCORE if score is None else score for score in scores[:expected]]
            cp[begin + first : begin + first + len(known)] = known
    return (best if len(labels) else None), (cp if any(columns["cp"]) else None), is_random


def _roots(
    fens: tuple[str | None, ...], broken: dict[int, tuple[int, str]]
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """Start boards (G, 90) and sides (G,); an unusable FEN is added to ``broken`` at ply -1."""
    start = parse_fen(START_FEN)
    boards = np.repeat(start.squares[None], len(fens), axis=0)
    sides = np.zeros(len(fens), np.int8)
    for g, fen in enumerate(fens):
        if fen and fen.strip() and fen != START_FEN:
            try:
                position = parse_fen(fen, lenient=True)
            except FenError as error:
                broken[g] = (-1, f"init_fen: {error}")
                continue
            boards[g], sides[g] = position.squares, position.turn
    return boards, sides


def _why(batch: GameBatch, g: int, ply: int) -> str:
    """Why the move or the label at a ply (from 0) is refused."""
    board = Board(batch.start_fens[g] if batch.start_fens else START_FEN, lenient=True)
    begin = int(batch.offsets[g])
    for index in batch.moves[begin : begin + ply].tolist():
        board.push(MOVES[index])
    index = int(batch.moves[begin + ply])
    if index == NO_LABEL:
        return "'-' is not a move in coordinates (like h2e2)"
    try:
        board.check_legal(MOVES[index])
        labels = [] if batch.best is None else [int(batch.best[begin + ply])]
        labels += [] if batch.policy_moves is None else batch.policy_moves[begin + ply].tolist()
        for label in labels:
            if label != NO_LABEL:
                board.check_legal(MOVES[label])
    except IllegalMoveError as error:
        return str(error)
    return "not legal"


def _to_game(batch: GameBatch, g: int, columns: _Columns, row: int) -> Game:
    begin, end = int(batch.offsets[g]), int(batch.offsets[g + 1])
    tags = {tag: str(columns[name][row]) for name, tag in TAGS.items() if columns[name][row] not in (None, "")}
    year = columns["year"][row]
    if year is not None and year != year_in(tags.get("Date", "")):
        tags["Year"] = str(year)
    flags = [name for name in FLAGS if getattr(batch, name)[g]]
    if flags:
        tags["Flags"] = " ".join(flags)
    labels = None
    if columns["k"][row] is not None:
        first = int(batch.first_target_ply[g])
        best = [] if batch.best is None or not columns["best"][row] else batch.best[begin + first : end].tolist()
        scores = [] if batch.cp is None or not columns["cp"][row] else batch.cp[begin + first : end].tolist()
        labels = Labels(
            first,
            tuple(None if index == NO_LABEL else MOVES[index] for index in best),
            tuple(None if score == NO_SCORE else score for score in scores),
            tuple(np.flatnonzero(batch.random_plies[begin:end]).tolist()),
            targets_of_plies(batch.policy_moves, batch.policy_weights, begin + first, end)
            if columns["policy"][row]
            else (),
        )
    fen = batch.start_fens[g] if batch.start_fens else START_FEN
    return Game(
        moves=[MOVES[index] for index in batch.moves[begin:end].tolist()],
        root=fen if fen == START_FEN else format_fen(parse_fen(fen, lenient=True)),
        result=RESULTS[batch.results[g]],
        tags=tags,
        labels=labels,
    )
