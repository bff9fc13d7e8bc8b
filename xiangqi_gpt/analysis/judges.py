"""Who judges the positions of a game: the model's search, or any other player, an engine above all."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final, Protocol

from xiangqi_gpt.players import Decision, ExternalPlayer, Player, Score, SearchLimit
from xiangqi_gpt.players.player import Stop
from xiangqi_gpt.players.search import SearchPlayer
from xiangqi_gpt.rules import Board, Move, Termination
from xiangqi_gpt.rules.wdl import Wdl

from .material_search import MaterialSearch, MaterialVerdict
from .move_analysis import score_of

#: Forced moves in a row that are played before a position is searched.
_MOST_FORCED: Final = 8

#: Positions that the count of material looks at for each one of the model's search: it is hundreds of times as fast.
_MATERIAL_NODES: Final = 1_800
_MOST_MATERIAL_NODES: Final = 2_000_000
#: How many times as many where a move may have been a mistake.
_AGAIN: Final = 3
#: What the model's centipawns and those of material count; fitted to an engine's (docs/analysis.md).
_MODEL_WEIGHT: Final = 0.2
_MATERIAL_WEIGHT: Final = 1.0
#: The logistic from these centipawns to results: win = s((cp - margin) / scale), loss = s((-cp - margin) / scale);
#: fitted to how games of online players ended (``benchmarks/win_chances.py``).
_MARGIN: Final = 180.0
_SCALE: Final = 500.0
_MOST_CP: Final = 3000

_MATED: Final = (Termination.CHECKMATE, Termination.STALEMATE)


@dataclass(frozen=True)
class Verdict:
    """What a judge says of a position, for the side to move: value, score, expected play (empty: the game is over)."""

    wdl: Wdl
    score: Score
    line: tuple[Move, ...] = ()
    nodes: int = 0
    depth: int = 0

    def before(self, move: Move) -> Verdict:
        """Return the same for the side that makes a move to this position."""
        mate = self.score.mate
        score = Score(mate=1 - mate if mate <= 0 else -mate) if mate is not None else Score(cp=-(self.score.cp or 0))
        return Verdict(self.wdl.flipped, score, (move, *self.line), self.nodes, self.depth)


class Judge(Protocol):
    """Judges positions of one game at a time."""

    #: Whether it can be asked for another number of nodes at each position.
    deepens: bool

    def begin(self) -> None:
        """Forget the game before."""
        ...

    def judge(self, board: Board, nodes: int, stop: Stop | None = None) -> Verdict | None:
        """Return what it thinks of a position after ``nodes`` more, if it counts any; None where it has no opinion.

        Raises ``PlayerError``.
        """
        ...

    def look_again(self, board: Board, nodes: int, stop: Stop | None = None) -> Verdict | None:
        """Return what it thinks of a position that it has judged, more deeply; None where it cannot do so."""
        ...


class SearchJudge:
    """The model's search, which keeps the tree of every position of the game as long as there is room."""

    deepens = True

    def __init__(self, player: SearchPlayer) -> None:
        self._player, self._material = player, MaterialSearch()
        self._beside = ThreadPoolExecutor(1, "material")  # it searches while the model does
        self._own: dict[str, Verdict] = {}  # the model's word on the positions of the game

    def begin(self) -> None:
        """Drop what is known of the game before."""
        self._player.forget()
        self._material.forget()
        self._own.clear()

    def judge(self, board: Board, nodes: int, stop: Stop | None = None) -> Verdict | None:
        """Search ``nodes`` more positions. Forced moves are played first: there is nothing to choose."""
        board, forced = _after_forced(board)
        return _before(forced, judge_outcome(board) or self._search(board, nodes, stop))

    def look_again(self, board: Board, nodes: int, stop: Stop | None = None) -> Verdict | None:
        """Look further ahead for material, where a move may have been a mistake; the model's word stays."""
        board, forced = _after_forced(board)
        if (over := judge_outcome(board)) is not None:
            return _before(forced, over)
        own = self._own.get(_name(board))
        if own is None:
            return None
        material = self._material.search(board, min(_AGAIN * _material_nodes(nodes), _MOST_MATERIAL_NODES), stop)
        return _before(forced, self._weigh(board, own, material))

    def _search(self, board: Board, nodes: int, stop: Stop | None) -> Verdict:
        """Let the model search, and count what is won or lost by force, which it takes too lightly."""
        counting = self._beside.submit(self._material.search, board, _material_nodes(nodes), stop)
        decision = self._player.choose(board, SearchLimit(nodes=nodes), stop=stop)
        best = decision.lines[0]
        own = Verdict(best.wdl, best.score, best.moves, decision.nodes, len(best.moves))
        self._own[_name(board)] = own
        return self._weigh(board, own, counting.result())

    def _weigh(self, board: Board, own: Verdict, material: MaterialVerdict) -> Verdict:
        """Return both words together; a mate that either has found is certain."""
        if not material.is_mate and own.score.mate is not None:
            return own
        line = self._material.line(board, material.move)
        if len(line) < len(own.line) and own.line[0] == material.move:
            line = own.line
        if material.is_mate:
            mate = Score(mate=material.mate)
            return Verdict(mate.wdl, mate, line, own.nodes, material.depth)
        return weigh(replace(own, line=line, depth=material.depth), material.cp)


def _after_forced(board: Board) -> tuple[Board, list[Move]]:
    """Return a position with its only moves played, and those."""
    board = board.copy()
    forced: list[Move] = []
    while board.outcome() is None and len(forced) < _MOST_FORCED:
        moves = list(board.legal_moves)
        if len(moves) != 1:
            break
        forced.append(moves[0])
        board.push(moves[0])
    return board, forced


def _before(moves: list[Move], verdict: Verdict) -> Verdict:
    for move in reversed(moves):
        verdict = verdict.before(move)
    return verdict


def _name(board: Board) -> str:
    """Return what tells positions apart: the board and the side to move."""
    return " ".join(board.fen().split()[:2])


def _material_nodes(nodes: int) -> int:
    return min(_MATERIAL_NODES * nodes, _MOST_MATERIAL_NODES)


class PlayerJudge:
    """Any other player. An engine keeps its memory through one game, so that it sees the game as one."""

    deepens = False

    def __init__(self, player: Player) -> None:
        self._player, self._is_new = player, True

    def begin(self) -> None:
        """Let an engine forget the game before."""
        self._is_new = True

    def judge(self, board: Board, nodes: int, stop: Stop | None = None) -> Verdict | None:
        """Ask the player; ``nodes`` do not count, it has its own limit."""
        if (over := judge_outcome(board)) is not None:
            return over
        if isinstance(self._player, ExternalPlayer):
            decision = self._player.choose(board, fresh=self._is_new, stop=stop)
        else:
            decision = self._player.choose(board)
        self._is_new = False
        return judged(decision)

    def look_again(self, board: Board, nodes: int, stop: Stop | None = None) -> None:
        """Return None: it thinks as long as it was told to."""
        return


def weigh(verdict: Verdict, material: int) -> Verdict:
    """Return what the model's search says together with the material that is held by force."""
    cp = round(_MODEL_WEIGHT * (verdict.score.cp or 0) + _MATERIAL_WEIGHT * material)
    cp = max(-_MOST_CP, min(_MOST_CP, cp))  # more is won by the rules, without a mate
    return Verdict(wdl_of(cp), Score(cp=cp), verdict.line, verdict.nodes, verdict.depth)


def wdl_of(cp: int) -> Wdl:
    """Return win, draw and loss by a score, on a scale that leaves a person some chance in a lost game."""
    cp = max(-_MOST_CP, min(_MOST_CP, cp))
    win, loss = (1 / (1 + math.exp((_MARGIN - sign * cp) / _SCALE)) for sign in (1, -1))
    return Wdl(win, 1 - win - loss, loss)


def make_judge(player: Player) -> SearchJudge | PlayerJudge:
    """Return the judge that a player makes."""
    return SearchJudge(player) if isinstance(player, SearchPlayer) else PlayerJudge(player)


def judge_outcome(board: Board) -> Verdict | None:
    """Return what the rules say of a game that is over, None for one that is not."""
    outcome = board.outcome()
    if outcome is None:
        return None
    wdl = outcome.wdl(board.turn)
    return Verdict(wdl, Score(mate=0) if outcome.termination in _MATED else score_of(wdl))


def judged(decision: Decision) -> Verdict | None:
    """Return what a player said of a position, None where it said nothing."""
    wdl, score = decision.wdl, decision.score
    if wdl is None:
        if score is None:
            return None
        wdl = score.wdl if score.cp is None else wdl_of(score.cp)
    line = decision.variation or (decision.move,)
    return Verdict(wdl, decision.score or score_of(wdl), line, decision.nodes, decision.depth)
