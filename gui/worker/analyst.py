"""The window's questions about games and positions, answered in the process where the models live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from xiangqi_gpt.inference.errors import UnsupportedGameError
from xiangqi_gpt.players.player import Player, PlayerError
from xiangqi_gpt.players.spec import parse_spec
from xiangqi_gpt.rules import Board, Move, XiangqiError

from ..state.displayed_moves import PositionRequest
from ..state.move_notes import Insight, MoveNote

if TYPE_CHECKING:
    from xiangqi_gpt.inference.evaluator import Evaluator
    from xiangqi_gpt.inference.network import Network
    from xiangqi_gpt.inference.probe import Probe

#: Letters of a class's code; a shorter one, of several classes, tells a player nothing.
_CODE: Final = 3


def annotate(player: Player, position: PositionRequest, deep: Player | None = None) -> Iterator[MoveNote]:
    """What a player's model says of each move of a game; ``deep`` judges the moves in its place.

    Raises ``PlayerError`` for a player that is no model, and what ``analysis.move_analysis.analyse_game`` raises.
    """
    from xiangqi_gpt.analysis.move_analysis import analyse_game
    from xiangqi_gpt.records import Game

    game = Game(moves=list(position.moves), root=position.fen)
    for seen in analyse_game(_model_of(player), game, deep=deep):
        yield MoveNote(
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
        )


def look(player: Player, spec: str, position: PositionRequest) -> Insight:
    """What else there is to say of a position: its opening, the board the model believes in, its illegal wishes."""
    board = position.board()
    opening, games = _opening(board)
    model: Network | None = getattr(player, "model", None)
    if model is None:
        return Insight(opening, games)
    insight = Insight(opening, games, moves_only=model.config.features == "none")
    probe, reader = _probe(spec, model), _evaluator(model)
    if probe is not None:
        from xiangqi_gpt.players.decoded_board import decode_board

        try:
            codes, shares = decode_board(reader, probe, board)
        except UnsupportedGameError:
            return insight
        believed, confidence = tuple(codes.tolist()), tuple(shares.tolist())
        insight = Insight(opening, games, believed, confidence, probe.accuracy, insight.moves_only)
    return replace(insight, illegal=_illegal(model, board)) if insight.moves_only else insight


def _model_of(player: Player) -> Network:
    model: Network | None = getattr(player, "model", None)
    if model is None:
        raise PlayerError(f"{player.name} is no model: it cannot say how likely the moves of a game are")
    return model


def _opening(board: Board) -> tuple[str, tuple[int, int, int, int] | None]:
    from xiangqi_gpt.records.openings.openings import OpeningsError, load_openings

    try:
        known = load_openings()
    except OpeningsError:
        return "", None
    results = known.known_games(board).results
    opening = known.opening_of(board)
    if opening is not None and len(opening.code) < _CODE:
        opening = replace(opening, code="")
    return str(opening or ""), (results.red, results.drawn, results.black, results.unknown)


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
