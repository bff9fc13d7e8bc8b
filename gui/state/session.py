"""The game on the board: its moves, who plays which side, what is shown, and how it ended. Nothing here draws."""

from __future__ import annotations

import uuid
from typing import Final

from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.rules import (
    BLACK,
    RED,
    START_FEN,
    Board,
    IllegalMoveError,
    Move,
    Outcome,
    Refusal,
    Termination,
    why_illegal,
)

from .clock import Face, GameClock
from .displayed_moves import Ply, PositionRequest, captured_pieces, push_ply
from .draw_offer import DrawOffer
from .move_notes import Wdl
from .opinions import Opinions

#: The player of a side whose moves come from the person at the board.
HUMAN: Final = "human"

#: Players that judge no position.
NO_JUDGES: Final = ("random", "greedy")
#: How the end of a game is described that both sides agreed to draw.
DRAW_AGREED: Final = "draw agreed"
#: How the end of a game is described that was left before it counted.
ABORTED: Final = "aborted"

_REPETITIONS: Final = (Termination.PERPETUAL_CHECK, Termination.PERPETUAL_CHASE, Termination.REPETITION)


class GameSession:
    """A game in progress. ``players`` name the player of Red and of Black: ``HUMAN`` or a player spec.

    The record is a line of plies; ``shown`` says how many of them the screen shows, so a reader can walk back without
    losing the game. Every change of the game itself goes through ``_change``, so that the clock, the opinions, the
    shown position and whoever watches ``revision`` follow it.
    """

    def __init__(
        self,
        players: tuple[str, str] = (HUMAN, HUMAN),
        fen: str = START_FEN,
        clock: GameClock | None = None,
        names: tuple[str, str] = ("", ""),
        *,
        is_rated: bool = False,
    ) -> None:
        """``names`` of the people who play it; ``is_rated``: it counts, so that nobody may help.

        Raises ``FenError`` for a start position that the rules do not allow.
        """
        self._players = players
        self.names = names
        self.is_rated = is_rated
        self.game_id = uuid.uuid4().hex  #: tells the game from every other one, also when it is resumed
        self._paused = False
        self.revision = 0
        self._board = Board(fen, lenient=True)
        self._fen = self._board.fen()
        self._line: list[Ply] = []
        self._redo: list[Move] = []
        self._draw_offer = DrawOffer(self._board.turn)
        self.opinions = Opinions(self._board.turn)  #: what its players, and a judge, saw in its positions
        self._declared: Outcome | None = None  # by a player or the clock, not by the board
        self._outcome = self._board.outcome()
        self._shown = 0
        self._shown_board = self._board.copy()
        self._clock = clock
        if clock is not None:
            clock.go_to(0, self._board.turn)

    # --- what is on the board

    @property
    def start_fen(self) -> str:
        """The position the game began with."""
        return self._fen

    @property
    def line(self) -> tuple[Ply, ...]:
        """The moves played so far."""
        return tuple(self._line)

    @property
    def ply_count(self) -> int:
        """How many moves have been played."""
        return len(self._line)

    @property
    def turn(self) -> int:
        """The side to move in the game (not on a position looked back at)."""
        return self._board.turn

    @property
    def first_turn(self) -> int:
        """The side that made, or makes, the first move of the record."""
        return self._board.root.turn

    @property
    def first_number(self) -> int:
        """The move number the record begins with."""
        return self._board.root.fullmove_number

    @property
    def outcome(self) -> Outcome | None:
        """How the game ended, None while it goes on."""
        return self._declared or self._outcome

    @property
    def shown(self) -> int:
        """How many plies of the game the screen shows."""
        return self._shown

    @property
    def shown_board(self) -> Board:
        """The shown position; read it only."""
        return self._shown_board

    @property
    def is_live(self) -> bool:
        """Whether the screen shows the game's last position."""
        return self._shown == len(self._line)

    @property
    def last_move(self) -> Move | None:
        """The move that led to the shown position."""
        return self._line[self._shown - 1].move if self._shown else None

    @property
    def is_unfinished(self) -> bool:
        """Whether moves were made and the game goes on."""
        return bool(self._line) and self.outcome is None

    @property
    def can_redo(self) -> bool:
        """Whether moves that were taken back can be played again."""
        return bool(self._redo) and self.outcome is None

    def captured_by(self, color: int) -> list[int]:
        """Codes of the pieces a side has captured up to the shown position, the most valuable kinds first."""
        return captured_pieces(self._line[: self._shown], color)

    # --- who plays, and by which clock

    @property
    def players(self) -> tuple[str, str]:
        """The players of Red and of Black."""
        return self._players

    def set_players(self, players: tuple[str, str]) -> None:
        """Let other players go on."""
        self._players = players

    @property
    def clock(self) -> GameClock | None:
        """The clock of the game; None for a game without."""
        return self._clock

    def take_clock(self, clock: GameClock) -> None:
        """Go on with a clock that was kept with the game."""
        self._clock = clock
        clock.go_to(self.ply_count, self.turn)

    @property
    def paused(self) -> bool:
        """Whether nobody thinks and no clock goes until the game is gone on with."""
        return self._paused

    def pause(self, paused: bool = True, now: float = 0.0) -> None:
        """Let the game rest, or go on."""
        self._paused = paused
        if paused and self._clock is not None:
            self._clock.stop(now)

    @property
    def gives_odds(self) -> bool:
        """Whether the game began with another position than the usual one."""
        return self._fen != Board(START_FEN).fen()

    @property
    def is_secret(self) -> bool:
        """Whether nothing may be told of the positions: a rated game goes on."""
        return self.is_rated and self.outcome is None

    @property
    def person(self) -> int | None:
        """The side of the only person playing; None when two persons or none play."""
        persons = [side for side in (RED, BLACK) if self.players[side] == HUMAN]
        return persons[0] if len(persons) == 1 else None

    @property
    def may_move(self) -> bool:
        """Whether a person may move now: the game goes on, is shown as it stands, and it is a person's turn."""
        stopped = self.paused and self._clock is not None
        return self.outcome is None and self.is_live and self.players[self.turn] == HUMAN and not stopped

    @property
    def awaits_player(self) -> bool:
        """Whether the game waits for a decision of a player that is no person."""
        return self.outcome is None and not self.paused and self.players[self.turn] != HUMAN

    @property
    def resigning_side(self) -> int | None:
        """The side that a click on "resign" gives up for; None when no person plays or the game is over."""
        if self.outcome is not None:
            return None
        if HUMAN not in self.players:
            return None
        return self.turn if self.person is None else self.person

    def request(self) -> PositionRequest:
        """Return the game's last position for a player."""
        return PositionRequest(self._fen, tuple(ply.move for ply in self._line))

    # --- the game goes on

    def refusal(self, source: int, target: int) -> Refusal | None:
        """Why the side to move may not go from one square to another; None when it may."""
        return why_illegal(self._board, source, target)

    def play(self, move: Move, decision: Decision | None = None, now: float = 0.0) -> None:
        """Play a move and show it; ``decision`` is what its player saw, ``now`` the time by the game's clock.

        Raises ``IllegalMoveError`` for an illegal move and after the end of the game.
        """
        self._fall(now)
        if self.outcome is not None:
            raise IllegalMoveError(f"{move} cannot be played: the game is over")
        self._board.check_legal(move)
        if self._redo and self._redo[-1] == move:
            self._redo.pop()
        else:
            self._redo.clear()
        self.opinions.forget_after(len(self._line))
        if decision is not None:
            self.opinions.keep(len(self._line), decision)
        self._line.append(push_ply(self._board, move))
        if self._clock is not None:
            self._clock.moved(len(self._line), now)
        self._change()

    def undo(self) -> int:
        """Take back the last move, or, when one person plays a player, everything since the person's last move.

        Returns how many plies were taken back: 0 when there was nothing (or only the opponent's first move).
        """
        count = self._plies_to_undo()
        for _ in range(count):
            self._redo.append(self._line.pop().move)
            self._board.pop()
        if count:
            self._paused = HUMAN not in self._players
            self._change()
        else:
            self._show(len(self._line))
        return count

    def _plies_to_undo(self) -> int:
        played = len(self._line)
        if self.person is None:
            return min(played, 1)
        movers = [(self.first_turn + ply) % 2 for ply in range(played)]
        mine = [ply for ply, mover in enumerate(movers) if mover == self.person]
        return played - mine[-1] if mine else 0

    def redo(self) -> int:
        """Play again what was last taken back, up to the person's next turn; returns how many plies."""
        count = 0
        while self._redo and self.outcome is None:
            self._line.append(push_ply(self._board, self._redo.pop()))
            count += 1
            if self.person is None or self.turn == self.person:
                break
        if count:
            self._change()
        else:
            self._show(len(self._line))
        return count

    def resign(self, side: int, now: float = 0.0) -> None:
        """End the game: a side gives up. Nothing happens when it is over already."""
        self._declare(Outcome(1 - side, Termination.RESIGNATION), now)

    def abort(self, now: float = 0.0) -> None:
        """End the game without a result."""
        self._declare(Outcome(None, Termination.ADJUDICATION, ABORTED), now)

    def agree_draw(self, now: float = 0.0) -> None:
        """End the game: both sides agree to a draw."""
        self._declare(Outcome(None, Termination.ADJUDICATION, DRAW_AGREED), now)

    def offer_draw(self, side: int) -> None:
        """A side offers a draw; it stands until the other side has moved."""
        self._draw_offer.offer(side, self.ply_count)

    @property
    def draw_offered_by(self) -> int | None:
        """The side whose offer of a draw can be accepted now."""
        return None if self.outcome is not None else self._draw_offer.offered_by(self.ply_count)

    @property
    def plies_to_next_offer(self) -> int:
        """How many plies must be played before a person whose offer was refused may offer a draw again."""
        return self._draw_offer.plies_to_next(self.ply_count)

    def refuse_draw(self) -> None:
        """A person's offer of a draw was refused."""
        self._draw_offer.refuse(self.ply_count)

    def lost_by_repeating(self, move: Move) -> Outcome | None:
        """Return the end of the game if playing a legal move would lose it by repetition; else None."""
        if not self._board.is_legal(move):
            return None
        outcome = self._board.outcome_after(move)
        by_repetition = outcome is not None and outcome.termination in _REPETITIONS
        return outcome if by_repetition and outcome is not None and outcome.winner == 1 - self.turn else None

    def _declare(self, outcome: Outcome, now: float) -> None:
        if self.outcome is None:
            if self._clock is not None:
                self._clock.stop(now)
            self._change(outcome)

    def _change(self, declared: Outcome | None = None) -> None:
        """Let everything follow a change of the game; ``declared`` is its end by a player or the clock."""
        self._declared = declared
        self._outcome = self._board.outcome()
        if self._clock is not None:
            self._clock.go_to(len(self._line), self.turn)
        self.revision += 1
        self._show(len(self._line))

    def _fall(self, now: float) -> None:
        """End the game when the time of the side to move is over."""
        falls = None if self._clock is None else self._clock.falls_at()
        if falls is not None and now >= falls:
            self._declare(Outcome(1 - self.turn, Termination.TIME), now)

    def keep_time(self, now: float, *, runs: bool) -> None:
        """Let the clock of the side to move go or stand still, and end the game when its time is over.

        A person may think about the first move of the game as long as they like; a player may not.
        """
        if self._clock is None:
            return
        self._fall(now)
        is_free = not self._line and self._players[self.turn] == HUMAN
        if runs and not is_free and self.outcome is None and not self._paused:
            self._clock.run(now)
        else:
            self._clock.stop(now)

    def clock_faces(self, now: float) -> tuple[Face, Face] | None:
        """Return what the clocks of Red and Black show; None for a game without."""
        return None if self._clock is None else (self._clock.face(RED, now), self._clock.face(BLACK, now))

    def show(self, ply: int) -> None:
        """Show the position after a number of plies; numbers outside the game go to its nearer end."""
        self._show(max(0, min(ply, len(self._line))))

    def _show(self, ply: int) -> None:
        self._shown = ply
        earlier = PositionRequest(self._fen, tuple(entry.move for entry in self._line[:ply]))
        self._shown_board = self._board.copy() if ply == len(self._line) else earlier.board()

    # --- the chances in its positions

    def evaluation_at(self, ply: int) -> Wdl | None:
        """Probabilities (Red wins, draw, Black wins) in the position after ``ply`` plies; None where nobody looked.

        They are certain in the last position of a game that is over.
        """
        if ply == len(self._line) and self.outcome is not None:
            return self.outcome.wdl(RED)
        return self.opinions.red_at(ply, self._line[ply - 1].move if ply else None)

    def evaluation_before(self, ply: int) -> Wdl | None:
        """Return the latest evaluation of an earlier position, None where there is none."""
        return next((seen for earlier in range(ply - 1, -1, -1) if (seen := self.evaluation_at(earlier))), None)

    def evaluations(self) -> list[tuple[int, float]]:
        """(ply, Red's expected score 0..1) of every position that was looked at, in order."""
        seen = ((ply, self.evaluation_at(ply)) for ply in range(len(self._line) + 1))
        return [(ply, wdl.expected) for ply, wdl in seen if wdl is not None]
