"""An engine's opinion of every position of a corpus: its best move and its score, for a model to learn from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from xiangqi_gpt.players import PlayerError, Score
from xiangqi_gpt.players.external import PROTOCOLS
from xiangqi_gpt.players.spec import load_engine, parse_spec
from xiangqi_gpt.records import CorpusError, Game, Labels, OnIllegal, RecordError, read_games, write_corpus
from xiangqi_gpt.records.corpus.duckdb_package import import_duckdb
from xiangqi_gpt.records.corpus.policy_targets import policy_of_text
from xiangqi_gpt.rules import MOVES, Board, Move

from ..runtime.journal import Journal
from ..runtime.workers import run_tasks

#: A mate in n plies scores this less n, as engines of the UCCI family say it; no other score reaches so far.
MATE_SCORE: Final = 10_000
_MOST_PLIES_TO_MATE: Final = 500

#: Positions in a row without an answer, after which the engine is taken for broken.
_MOST_FAILURES: Final = 5


#: A game to label: its number, the FEN it starts from, the first ply to label, all its moves as numbers.
LabelTask = tuple[int, str, int, list[int]]


@dataclass
class LabelReport:
    """What labelling did: games and positions in all; those of them that an interrupted call had done before;
    positions for which the engine had no answer.
    """

    games: int = 0
    positions: int = 0
    games_before: int = 0
    positions_before: int = 0
    unanswered: int = 0


def label_score(score: Score | None) -> int | None:
    """A score as a corpus keeps it: centipawns for the side to move, a mate in n plies as ``MATE_SCORE`` less n.

    >>> label_score(Score(cp=35)), label_score(Score(mate=1)), label_score(Score(mate=-1)), label_score(None)
    (35, 9999, -9998, None)
    """
    if score is None:
        return None
    if score.mate is not None:
        plies = 2 * score.mate - 1 if score.mate > 0 else -2 * score.mate
        value = MATE_SCORE - min(plies, _MOST_PLIES_TO_MATE)
        return value if score.mate > 0 else -value
    return max(1 - MATE_SCORE, min(MATE_SCORE - 1, score.cp or 0))


class Labeller:
    """Asks one engine about every position of one game after another."""

    def __init__(self, engine: str) -> None:
        """Start the engine of a player spec. Raises ``PlayerError`` when it is no engine or does not start."""
        if parse_spec(engine).name not in PROTOCOLS:
            raise PlayerError(
                f"player {engine!r} gives no scores: an engine is needed, as uci:fairy-stockfish,nodes=1000"
            )
        self._player = load_engine(engine)
        self._failures = 0

    def __call__(self, task: LabelTask, emit: Callable[[tuple[int, dict[str, Any]]], None]) -> None:
        """Label a game and emit its number with its labels."""
        number, root, first, moves = task
        emit((number, self.label(root, first, moves)))

    def label(self, root: str, first: int, moves: Sequence[int]) -> dict[str, Any]:
        """The labels of a game from ply ``first`` on, as the journal keeps them.

        ``root`` is the FEN it starts from, ``moves`` are all its moves as numbers. ``best`` is the moves, separated by
        spaces (``-`` for none), ``cp`` the scores. The engine keeps its memory from ply to ply and clears it before
        each game, so that a game's labels do not depend on the games before it.
        """
        board = Board(root, lenient=True)
        best: list[str] = []
        scores: list[int | None] = []
        for ply, index in enumerate(moves):
            if ply >= first:
                move, score = self._ask(board, fresh=ply == first)
                best.append("-" if move is None else str(move))
                scores.append(score)
            board.push(MOVES[index])
        return {"best": " ".join(best), "cp": scores}

    def _ask(self, board: Board, fresh: bool) -> tuple[Move | None, int | None]:
        """The engine's move and score, None when it failed twice; a failed engine was started anew."""
        position = _recent(board)
        for _ in range(2):
            try:
                decision = self._player.choose(position, fresh=fresh)
            except PlayerError as error:
                failure = error
                continue
            self._failures = 0
            return decision.move, label_score(decision.score)
        self._failures += 1
        if self._failures >= _MOST_FAILURES:
            raise failure
        return None, None

    def close(self) -> None:
        """End the engine."""
        self._player.close()


def _recent(board: Board) -> Board:
    """The position with no more history than its repetitions need: engines take long over a long list of moves."""
    if not board.may_repeat():
        return board.copy(stack=False)
    moves = board.move_stack[len(board.move_stack) - board.halfmove_clock :] if board.halfmove_clock else []
    recent = board.copy()
    for _ in moves:
        recent.pop()
    recent = recent.copy(stack=False)
    for move in moves:
        recent.push(move)
    return recent


def label_corpus(
    source: str | Path,
    out: str | Path,
    engine: str,
    *,
    processes: int = 1,
    ray: str | None = None,
    where: str | None = None,
    limit: int | None = None,
    on_illegal: OnIllegal = "fail",
    problems: list[RecordError] | None = None,
    on_start: Callable[[LabelReport], None] | None = None,
    on_game: Callable[[int], None] | None = None,
) -> LabelReport:
    """Write the games of a record file to the corpus ``out`` with the engine's ``best`` and ``cp`` from ply ``k`` on.

    ``processes`` engines think at once, or those of the Ray cluster at ``ray``.

    ``k`` is the game's own where it has labels (which are replaced, its ``noise`` is kept), else 0. ``limit`` takes the
    first games only. ``on_start`` hears how much there is to do, ``on_game`` how many positions each game had.
    Finished games are kept beside ``out`` until it is written, and the same call goes on after them. Raises
    ``CorpusError``, ``RecordError``, ``PlayerError``, ``JournalError`` and ``WorkerError``.
    """
    import_duckdb()  # it is needed at the end
    read = partial(read_games, source, where=where, on_illegal=on_illegal)
    with closing(Labeller(engine)):
        pass  # a wrong engine is told before a file is touched
    work = {"engine": engine, "source": file_identity(source), "where": where, "on_illegal": on_illegal}
    with Journal(out, work) as journal:
        report = LabelReport()
        for number, game in enumerate(islice(read(problems=problems), limit)):
            report.games += 1
            report.positions += _positions(game)
            if number in journal:
                report.games_before += 1
                report.positions_before += _positions(game)
        if not report.games:
            raise CorpusError(f"{source}: no games to label")
        if on_start:
            on_start(report)
        tasks = (
            (number, game.root, _first(game), [move.index for move in game.moves])
            for number, game in enumerate(islice(read(), report.games))
            if number not in journal
        )

        def add(result: tuple[int, dict[str, Any]]) -> None:
            number, labels = result
            journal.add(number, labels)
            if on_game:
                on_game(len(labels["cp"]))

        run_tasks(partial(Labeller, engine), tasks, add, processes=processes, ray=ray)
        pieces = journal.pieces(range(report.games))
        write_corpus(_labelled(islice(read(), report.games), pieces, report), out)
        journal.discard()
    return report


def _positions(game: Game) -> int:
    return max(len(game.moves) - _first(game), 0)


def _first(game: Game) -> int:
    return game.labels.first if game.labels else 0


def _labelled(games: Iterable[Game], pieces: Iterable[dict[str, Any]], report: LabelReport) -> Iterator[Game]:
    """The games with what the journal knows of them."""
    for game, piece in zip(games, pieces, strict=True):
        game.labels = read_labels(piece, _first(game), game.labels.random_plies if game.labels else ())
        report.unanswered += game.labels.best.count(None)
        yield game


def read_labels(piece: Mapping[str, Any], first: int, noise: tuple[int, ...]) -> Labels:
    """The labels of a game from what a journal keeps of it."""
    best = tuple(None if text == "-" else Move.from_iccs(text) for text in piece["best"].split())
    return Labels(first, best, tuple(piece["cp"]), noise, policy_of_text(piece.get("policy", "")))


def file_identity(path: str | Path) -> str:
    """A file as it is now, for a journal: a changed one holds other games under the same numbers."""
    try:
        state = Path(path).stat()
    except OSError:
        raise CorpusError(f"no such file: {path}") from None
    return f"{Path(path).name}, {state.st_size} bytes, changed {state.st_mtime_ns}"
