"""Games made by players for others to learn from, with the moves marked that nobody should imitate."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from xiangqi_gpt.files import is_standard_output
from xiangqi_gpt.players import Player, PlayerError, load_player
from xiangqi_gpt.players.external import PROTOCOLS
from xiangqi_gpt.players.search import SearchPlayer
from xiangqi_gpt.players.spec import parse_spec
from xiangqi_gpt.records import CorpusError, Game, Labels, write_corpus, write_pgn
from xiangqi_gpt.records.corpus.duckdb_package import import_duckdb
from xiangqi_gpt.rules import BLACK, MOVES, RED, START_FEN

from ..match.adjudication import MAX_PLIES, Adjudication
from ..match.game_file import TAKE_OVER
from ..match.match import GameRules, play_games
from ..match.result import MatchGame
from ..match.schedule import Fixture
from ..match.start_positions import Opening, draw_openings, read_openings
from ..runtime.journal import Journal, JournalError
from ..runtime.workers import run_tasks
from .label import Labeller, file_identity, read_labels
from .search_labels import search_labels

if TYPE_CHECKING:
    from xiangqi_gpt.players.gpt import Evaluators

#: Kind of a game that a player played against itself.
SELF_PLAY: Final = "self-play"
#: Games that a process plays together: what a model reads at once, and, where an engine plays, fewer, which are
#: spread more evenly.
_BLOCK: Final = 64
_BLOCK_WITH_ENGINE: Final = 16


@dataclass(frozen=True)
class Recipe:
    """What games are made: ``players`` are two specs, who take turns with the colours.

    Each game starts from an opening of the file ``openings`` (of a PGN, the first ``opening_plies`` of a game), drawn
    at random without repeats, else from the start of the game, and goes on with ``random_plies`` random moves; then
    ``noise`` is the share of moves played at random in a player's stead. ``label`` is an engine, asked for its best
    move and score at every ply; with ``keeps_search`` the labels are what the players' own searches saw, the shares of
    their visits among them (``search_labels``). The same recipe gives the same games whatever the number of processes;
    only players that draw lots play others in a block of games that was interrupted.
    """

    players: tuple[str, str]
    openings: str | None = None
    opening_plies: int | None = None
    random_plies: int = 6
    noise: float = 0.0
    max_plies: int = MAX_PLIES
    seed: int = 0
    label: str | None = None
    keeps_search: bool = False

    def settings(self) -> dict[str, Any]:
        """The recipe for a journal."""
        book = file_identity(self.openings) if self.openings else None
        settings = {**vars(self), "openings": book}
        if not self.keeps_search:
            del settings["keeps_search"]  # as journals of version 0.1 have it
        return settings


@dataclass
class GenerateReport:
    """What generating did: games, the moves in them that players chose, and a line for each game that a failure lost.

    ``games_before`` were made by a call that was interrupted.
    """

    games: int = 0
    games_before: int = 0
    moves: int = 0
    failures: list[str] = field(default_factory=list)


#: A block of games to play: its number and its games, all or those that are missing.
Block = tuple[int, list[Fixture]]


class Generator:
    """Plays one block of games after another."""

    def __init__(self, recipe: Recipe) -> None:
        """Nothing is loaded before the first block."""
        self._recipe = recipe
        self._engines: dict[str, Player] = {}
        self._labeller: Labeller | None = None

    def __call__(self, task: Block, emit: Callable[[tuple[int, dict[str, Any]]], None]) -> None:
        """Play a block and emit each finished game: its number, from 0, and what the journal keeps of it.

        Players that draw lots are made anew for each block, so that its games depend on nothing before it.
        """
        block, fixtures = task
        recipe = self._recipe
        date = datetime.date.today().strftime("%Y.%m.%d")

        def finished(game: MatchGame) -> None:
            piece = _piece(game, recipe.players, date)
            if recipe.keeps_search:
                piece |= search_labels(game)
            emit((game.number - 1, self._label(piece)))

        with ExitStack() as stack:
            players = []
            readers: Evaluators = {}
            for i, spec in enumerate(recipe.players):
                player = self._engines.get(spec)
                if player is None:
                    player = load_player(
                        _alone(spec), seed=_seed(recipe.seed, block, len(fixtures), i), evaluators=readers
                    )
                    if parse_spec(spec).name in PROTOCOLS:
                        self._engines[spec] = player
                    else:
                        stack.enter_context(closing(player))
                players.append(player)
            play_games(
                players,
                iter(fixtures),
                GameRules(
                    Adjudication(recipe.max_plies),
                    random_move_share=recipe.noise,
                    seed=recipe.seed,
                    keeps_decisions=recipe.keeps_search,
                ),
                names=recipe.players,
                concurrency=len(fixtures),
                on_game=finished,
            )

    def _label(self, piece: dict[str, Any]) -> dict[str, Any]:
        if self._recipe.label is None:
            return piece
        if self._labeller is None:
            self._labeller = Labeller(self._recipe.label)
        return piece | self._labeller.label(piece["root"], piece["k"], piece["moves"])

    def close(self) -> None:
        """End the engines."""
        for engine in self._engines.values():
            engine.close()
        if self._labeller is not None:
            self._labeller.close()


def _alone(spec: str) -> str:
    """The spec of an engine with one process: others play beside it."""
    parsed = parse_spec(spec)
    return f"{spec},processes=1" if parsed.name in PROTOCOLS and "processes" not in parsed.options else spec


def _seed(*numbers: int) -> int:
    """One seed from several numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def _piece(game: MatchGame, players: tuple[str, str], date: str) -> dict[str, Any]:
    """What the journal keeps of a finished game."""
    assert game.outcome is not None
    red, black = players if game.first_color == RED else players[::-1]
    return {
        "root": game.opening.fen,
        "moves": [move.index for move in game.board.move_stack],
        "result": game.outcome.result,
        "termination": str(game.outcome.termination),
        "end": str(game.outcome),
        "failure": game.failure,
        "date": date,
        "red": red,
        "black": black,
        "k": len(game.opening.moves),
        "noise": game.noise,
    }


def generated_record(number: int, piece: dict[str, Any]) -> Game:
    """A game of the journal as a record to learn from: ``labels`` tell the opening and the random plies from the rest.

    A PGN, which has no place for labels, carries the same marks as comments. ``Kind`` is ``self-play`` when both
    players are the same, else ``engine``.
    """
    first, moves, noise = piece["k"], [MOVES[index] for index in piece["moves"]], tuple(piece["noise"])
    tags = {
        "Event": "xiangqi-gpt records generate",
        "Date": piece["date"],
        "Round": str(number + 1),
        "Red": piece["red"],
        "Black": piece["black"],
        "Termination": piece["termination"],
        "Kind": SELF_PLAY if piece["red"] == piece["black"] else "engine",
    }
    if piece["failure"]:
        tags["Failure"] = piece["failure"]
    comments = {first: TAKE_OVER} if first else {}
    comments |= {ply + 1: "random" for ply in noise}
    last = comments.get(len(moves))
    comments[len(moves)] = f"{last}; {piece['end']}" if last else piece["end"]
    labels = read_labels(piece, first, noise) if "cp" in piece else Labels(first, random_plies=noise)
    return Game(moves, comments=comments, root=piece["root"], result=piece["result"], tags=tags, labels=labels)


def generate_games(
    recipe: Recipe,
    out: str | Path,
    games: int,
    *,
    processes: int = 1,
    ray: str | None = None,
    on_start: Callable[[GenerateReport], None] | None = None,
    on_game: Callable[[int], None] | None = None,
) -> GenerateReport:
    """Make ``games`` games and write them to ``out``, a PGN file or a corpus.

    They are played in ``processes`` processes, or in those of the Ray cluster at ``ray``.

    ``on_start`` hears how many were made before, ``on_game`` the number of plies of each finished game. Finished games
    are kept beside ``out`` until all are there, and the same call goes on after them, with more games if so wished.
    Raises ``OpeningError``, ``PlayerError``, ``JournalError``, ``LockedError`` and ``WorkerError``.
    """
    ending = ".pgn" if is_standard_output(out) else Path(out).suffix.lower()
    if ending not in (".pgn", ".parquet"):
        raise CorpusError(f"{out}: cannot write this format; games go to .pgn or .parquet")
    if Path(out).suffix.lower() == ".parquet":
        import_duckdb()  # it is needed at the end
    for spec in recipe.players:
        with closing(load_player(_alone(spec), seed=0)) as player:  # a wrong one is told before a file is touched
            if recipe.keeps_search and not isinstance(player, SearchPlayer):
                raise PlayerError(
                    f"player {spec!r} keeps no search: one is needed that looks ahead, as search:default,nodes=200"
                )
    if recipe.label:
        Labeller(recipe.label).close()
    starts = read_openings(recipe.openings, plies=recipe.opening_plies) if recipe.openings else [Opening(START_FEN)]
    report = GenerateReport(games)
    with Journal(out, {"generate": recipe.settings()}) as journal:
        if journal.last >= games:
            raise JournalError(f"{journal.path} holds game {journal.last + 1}: ask for at least as many games")
        report.games_before = len(journal)
        if on_start:
            on_start(report)

        def add(result: tuple[int, dict[str, Any]]) -> None:
            number, piece = result
            journal.add(number, piece)
            if on_game:
                on_game(len(piece["moves"]))

        blocks = _blocks(recipe, starts, games, journal)
        run_tasks(partial(Generator, recipe), blocks, add, processes=processes, ray=ray)
        write = write_pgn if ending == ".pgn" else write_corpus
        write(_records(journal, games, report), out)
        journal.discard()
    return report


def _records(journal: Journal, games: int, report: GenerateReport) -> Iterator[Game]:
    for number, piece in enumerate(journal.pieces(range(games))):
        report.moves += len(piece["moves"]) - piece["k"] - len(piece["noise"])
        if piece["failure"]:
            report.failures.append(f"game {number + 1}: {piece['failure']}")
        yield generated_record(number, piece)


def _blocks(recipe: Recipe, starts: Sequence[Opening], games: int, journal: Journal) -> Iterator[Block]:
    """The blocks with games that are not in the journal yet; a game is the same whatever the number of games."""
    with_engine = any(parse_spec(spec).name in PROTOCOLS for spec in recipe.players)
    size = _BLOCK_WITH_ENGINE if with_engine else _BLOCK
    order = _order(len(starts), recipe.seed)
    for block in range((games + size - 1) // size):
        missing = [
            Fixture(number + 1, number, (0, 1), BLACK if number % 2 else RED, _opening(recipe, starts[start], number))
            for number, start in enumerate(islice(order, min(size, games - block * size)), block * size)
            if number not in journal
        ]
        if missing:
            yield block, missing


def _opening(recipe: Recipe, start: Opening, number: int) -> Opening:
    """A start with the random moves of a game."""
    seed = _seed(recipe.seed, number)
    return draw_openings(1, seed, positions=[start], random_plies=recipe.random_plies)[0]


def _order(count: int, seed: int) -> Iterator[int]:
    """Numbers below ``count`` in random order, all before one comes again."""
    generator = np.random.default_rng([seed, 0])
    while True:
        yield from generator.permutation(count).tolist()
