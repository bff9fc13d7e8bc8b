"""The window's questions about games and positions, answered in the process where the models live."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from xiangqi_gpt.inference.errors import UnsupportedGameError
from xiangqi_gpt.players.player import Player, PlayerError, Stop
from xiangqi_gpt.players.spec import parse_spec
from xiangqi_gpt.rules import Board, Move, XiangqiError

from ..state.displayed_moves import PositionRequest
from ..state.move_notes import Insight, LiveNote, MoveNote, NextMove
from .compiled_kernels import load_kernels
from .messages import CheckTry, Judge, Judged, Look, TryChecked, Watch, Watched

if TYPE_CHECKING:
    from xiangqi_gpt.analysis.move_analysis import MoveAnalysis
    from xiangqi_gpt.inference.evaluator import Evaluator
    from xiangqi_gpt.inference.network import Network
    from xiangqi_gpt.inference.probe import Probe
    from xiangqi_gpt.players.search import SearchPlayer
    from xiangqi_gpt.records.openings.position_index import PositionIndex, Results

#: Letters of a class's code; a shorter one, of several classes, tells a player nothing.
_CODE: Final = 3
#: Positions that a review searches at each position of a game, and threads.
_MOST_NODES: Final = 1620
_THREADS: Final = 2


@dataclass(frozen=True)
class ReviewStep:
    """Notes that are new since the step before; the share of the pass that is done, and nodes searched before it."""

    notes: tuple[MoveNote, ...]
    share: float
    nodes: int


def annotate(
    player: Player, position: PositionRequest, deep: Player | None = None, stop: Stop | None = None
) -> Iterator[ReviewStep]:
    """What a player's model says of each move of a game at a glance, then what its search does, deeper and deeper.

    ``deep``, an engine or another player, judges in the search's place. A model that cannot search leaves it at the
    glance. Raises ``PlayerError`` for a player that is no model, and what ``analysis.review.GameReview`` raises.
    """
    from xiangqi_gpt.analysis.judges import make_judge
    from xiangqi_gpt.analysis.review import GameReview, passes
    from xiangqi_gpt.records import Game

    game, model = Game(moves=list(position.moves), root=position.fen), _model_of(player)
    can_search = deep is not None or model.config.tokenizer.tokens_per_move == 1
    judge = make_judge(deep or (_searcher(model) if can_search else player))
    review = GameReview(model, game, judge)
    yield ReviewStep(tuple(map(_note, review.moves)), 0.0, 0)
    for nodes in passes(_MOST_NODES if judge.deepens else 1) if can_search else ():
        done = review.nodes
        for seen in review.deepen(nodes, stop=stop):
            yield ReviewStep((_note(seen),), 1 - (seen.ply - 1) / len(game.moves), done)


def _note(seen: MoveAnalysis) -> MoveNote:
    return MoveNote(
        ply=seen.ply,
        turn=seen.turn,
        move=seen.move,
        probability=seen.probability,
        rank=seen.rank,
        choices=seen.choices,
        before=seen.before,
        after=seen.after,
        best=seen.best,
        best_after=seen.best_after,
        variation=seen.variation,
        loss=seen.loss,
        judgement=seen.judgement.value,
        illegal=seen.illegal,
        score=str(seen.score),
        best_score=str(seen.best_score),
        refutation=seen.refutation,
        is_book=seen.is_book,
        nodes=seen.nodes,
        accuracy=seen.accuracy,
    )


def watch(request: Watch, player: Player, deep: Player | None, stop: Stop) -> Iterator[Watched]:
    """The best lines of a position, deeper and deeper. Raises ``PlayerError``."""
    from xiangqi_gpt.analysis.live import analyse_live

    live = LiveNote()
    for state in analyse_live(deep or _searcher(_model_of(player)), request.position.board(), request.lines, stop=stop):
        lines = tuple((line.moves, str(line.score)) for line in state.lines)
        live = LiveNote(lines, state.nodes, state.depth, state.nodes / max(state.seconds, 1e-3))
        yield Watched(request.number, live, False)
    yield Watched(request.number, live, True)


@cache
def _searcher(model: Network) -> SearchPlayer:
    """The search that reviews games: it keeps its trees from pass to pass."""
    from xiangqi_gpt.players.search import SearchPlayer

    return SearchPlayer(model, name="search", threads=min(_THREADS, os.cpu_count() or 1))


def check(request: CheckTry, player: Player) -> TryChecked:
    """Whether a try is as good as the best move, by the search's word. Raises ``PlayerError``."""
    from xiangqi_gpt.analysis.drill import check_try
    from xiangqi_gpt.analysis.judges import make_judge
    from xiangqi_gpt.analysis.review import FIRST_NODES

    judge = make_judge(_searcher(_model_of(player)))
    checked = check_try(judge, request.position.board(), request.best, request.move, FIRST_NODES)
    return TryChecked(request.number, checked.is_right, checked.line)


def judge(request: Judge, player: Player, stop: Stop) -> Judged:
    """The chances in a position by the word of the search that reviews games, after its first pass.

    None of a model that cannot search, and as long as kernels would have to be compiled first. Raises ``PlayerError``.
    """
    from xiangqi_gpt.analysis.judges import make_judge
    from xiangqi_gpt.analysis.review import FIRST_NODES

    model = _model_of(player)
    if model.config.tokenizer.tokens_per_move > 1 or not load_kernels(stop):
        return Judged(request.number, None)
    verdict = make_judge(_searcher(model)).judge(request.position.board(), FIRST_NODES, stop)
    return Judged(request.number, None if verdict is None else verdict.wdl)


def look(player: Player, request: Look) -> Insight:
    """What else there is to say of a position: its opening, the board the model believes in, its illegal wishes.

    Raises ``PositionIndexError``.
    """
    board = request.position.board()
    insight = _opening(board, request.index)
    model: Network | None = getattr(player, "model", None)
    if model is None:
        return insight
    insight = replace(insight, moves_only=model.config.features == "none")
    probe, reader = _probe(request.spec, model), _evaluator(model)
    if probe is not None:
        from xiangqi_gpt.players.decoded_board import decode_board

        try:
            codes, shares = decode_board(reader, probe, board)
        except UnsupportedGameError:
            return insight
        believed, confidence = tuple(codes.tolist()), tuple(shares.tolist())
        insight = replace(insight, decoded=believed, confidence=confidence, accuracy=probe.accuracy)
    return replace(insight, illegal=_illegal(model, board)) if insight.moves_only else insight


def _model_of(player: Player) -> Network:
    model: Network | None = getattr(player, "model", None)
    if model is None:
        why = f"{player.name} is no model: it cannot say how likely the moves of a game are"
        raise PlayerError(why, code="player_no_model", name=player.name)
    return model


def _opening(board: Board, index: str) -> Insight:
    """The opening, and how many games of an index, or of what ships, came here and went on."""
    from xiangqi_gpt.records.openings.openings import OpeningsError, load_openings

    try:
        known = load_openings()
    except OpeningsError:
        return Insight()
    found = _position_index(index).look(board) if index else known.known_games(board)
    opening = known.opening_of(board)
    if opening is not None and len(opening.code) < _CODE:
        opening = replace(opening, code="")
    next_moves = tuple(NextMove(move, _counts(results)) for move, results in found.moves)
    return Insight(str(opening or ""), _counts(found.results), next_moves=next_moves)


def _counts(results: Results) -> tuple[int, int, int, int]:
    return results.red, results.drawn, results.black, results.unknown


@cache
def _position_index(folder: str) -> PositionIndex:
    from xiangqi_gpt.records.openings.position_index import PositionIndex

    return PositionIndex(folder)


@cache
def _probe(spec: str, model: Network) -> Probe | None:
    from xiangqi_gpt.inference.model_folder import find_model
    from xiangqi_gpt.inference.probe import load_probe

    try:
        return load_probe(find_model(parse_spec(spec).target or "default"), model.config)
    except XiangqiError:
        return None


@cache
def _evaluator(model: Network) -> Evaluator:
    from xiangqi_gpt.inference.evaluator import Evaluator

    return Evaluator(model)


def _illegal(model: Network, board: Board) -> tuple[Move, float] | None:
    from xiangqi_gpt.inference.evaluator import Evaluator

    try:
        return Evaluator(model, source="master").evaluate(board).illegal
    except UnsupportedGameError:
        return None
