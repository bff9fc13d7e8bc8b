"""An analysis as plain data, with keys that stay; ``docs/analysis.md`` lists them."""

from __future__ import annotations

from typing import Any, Final

from xiangqi_gpt.players.score import Score
from xiangqi_gpt.rules import BLACK, RED, Board, Move, Wdl, to_chinese, to_wxf
from xiangqi_gpt.rules.pieces import COLOR_NAMES

from .move_analysis import THRESHOLDS, GameAnalysis, MoveAnalysis, SideSummary, legal_line

#: Changes when a key changes its meaning or goes.
FORMAT: Final = "xiangqi-gpt-analysis-1"


def analysis_as_dict(analysis: GameAnalysis) -> dict[str, Any]:
    """The whole analysis, ready for ``json.dumps``."""
    game, board = analysis.game, analysis.game.board(0)
    comments = game.comments
    moves = []
    for move in analysis.moves:
        moves.append(_move(move, board))
        board.push(move.move)
        moves[-1] |= {"fen": board.fen(), "comment": comments.get(move.ply)}
    return {
        "format": FORMAT,
        "model": analysis.model,
        "deep": analysis.deep or None,
        "reviewed": round(analysis.reviewed, 4),
        "thresholds": {judgement.value: least for least, judgement in reversed(THRESHOLDS)},
        "tags": game.tags,
        "result": game.result,
        "opening": analysis.opening and {"ecco": analysis.opening.code, "name": analysis.opening.name},
        "fen": game.board(0).fen(),
        "comment": comments.get(0),
        "sides": {COLOR_NAMES[color]: _side(analysis.side(color)) for color in (RED, BLACK)},
        "mistakes": [move.ply for move in analysis.mistakes()],
        "moves": moves,
    }


def _side(side: SideSummary) -> dict[str, Any]:
    return {
        "moves": side.moves,
        "likeliest": round(side.likeliest, 4),
        "surprise": round(side.surprise, 3),
        "loss": round(side.loss, 4),
        "accuracy": None if side.accuracy is None else round(side.accuracy, 1),
        "book": side.book,
        **{judgement.value: count for judgement, count in side.counts.items()},
    }


def _move(move: MoveAnalysis, board: Board) -> dict[str, Any]:
    illegal = move.illegal and {"move": move.illegal[0].iccs(), "probability": round(move.illegal[1], 5)}
    return {
        "ply": move.ply,
        "side": COLOR_NAMES[move.turn],
        **_names(board, move.move),
        "probability": round(move.probability, 6),
        "rank": move.rank,
        "legal_moves": move.choices,
        "surprise": round(move.surprise, 3),
        "before": _wdl(move.before),
        "after": _wdl(move.after),
        "score": _score(move.score),
        "best": _names(board, move.best)
        | {
            "after": _wdl(move.best_after),
            "score": _score(move.best_score),
            "line": _line(board, move.variation),
            "line_chinese": _line_in_chinese(board, move.variation),
        },
        "refutation": _line(board, (move.move, *move.refutation))[1:],
        "refutation_chinese": _line_in_chinese(board, (move.move, *move.refutation))[1:],
        "book": move.is_book,
        "loss": round(move.loss, 4),
        "judgement": move.judgement.value or None,
        "likely": [_names(board, other) | {"probability": round(chance, 6)} for other, chance in move.likely],
        "illegal": illegal,
        "depth": move.depth,
        "nodes": move.nodes,
    }


def _names(board: Board, move: Move) -> dict[str, str]:
    return {"move": move.iccs(), "chinese": to_chinese(board, move), "wxf": to_wxf(board, move)}


def _line(board: Board, moves: tuple[Move, ...]) -> list[str]:
    """The moves of a continuation as far as they are legal."""
    return [move.iccs() for move, _ in legal_line(board, moves)]


def _line_in_chinese(board: Board, moves: tuple[Move, ...]) -> list[str]:
    return [to_chinese(before, move) for move, before in legal_line(board, moves)]


def _score(score: Score) -> dict[str, int]:
    """Centipawns, or moves to mate, for the side that moves."""
    return {"cp": score.cp or 0} if score.mate is None else {"mate": score.mate}


def _wdl(wdl: Wdl) -> list[float]:
    return [round(share, 4) for share in wdl]
