"""Rated games in a terminal: against a level of known strength, without help, kept in the person's own data."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from xiangqi_gpt.players import Decision, Player, load_player
from xiangqi_gpt.players.levels import LADDER_ELO, SHOWN_ELO, nearest_level
from xiangqi_gpt.players.own_rating import OwnRating, most_telling_level, rate_person
from xiangqi_gpt.rules import Board, Outcome, Termination
from xiangqi_gpt.rules.pieces import COLOR_NAMES
from xiangqi_gpt.user_store import RatedGame, RatedGames, UserStore, UserStoreError, has_begun, next_side

from .terminal import COMMANDS, TerminalGame
from .terminal_input import prepare_terminal, read_line, split_command
from .terminal_record import ABORTED
from .terminal_words import TerminalWords

#: How the level of the next game is chosen: even with one's rating, or the one whose result says most about it.
EVEN: Final = "even"
FIND: Final = "find"


def play_rated(choice: str | int, side: int | None, seed: int | None, language: str = "en") -> int:
    """Play rated games until quit; ``choice`` is ``EVEN``, ``FIND`` or the number of a level.

    ``side`` is the person's in the first game, None for the other one than in the last. Return the exit status.
    Raises ``XiangqiError`` where the own data or the model cannot be used.
    """
    color, words = prepare_terminal(language)
    with UserStore() as store:
        games = RatedGames(store)
        game = RatedTerminalGame(
            games, choice, lambda level: load_player(_spec(level), seed=seed), side=side, words=words
        )
        game.color = color
        with contextlib.closing(game):
            game.run(read_line)
    return 0


def _spec(level: int) -> str:
    return f"gpt,level={level}"


class RatedTerminalGame(TerminalGame):
    """Rated games, one after another: no move is taken back and no hint given; each end is kept.

    A game in which the person has moved is lost by who leaves it, which is asked first; before that it is aborted.
    """

    def __init__(
        self,
        games: RatedGames,
        choice: str | int,
        opponent: Callable[[int], Player],
        *,
        side: int | None = None,
        words: TerminalWords | None = None,
    ) -> None:
        """``opponent`` loads the player of a level."""
        self._games, self._choice, self._opponent = games, choice, opponent
        self.level = self._next_level()
        self._is_kept = False  # or there is nothing to keep: the game was aborted
        self._warned_of: Callable[..., object] | None = None  # the command that was just said to lose the game
        self._game_id = uuid.uuid4().hex
        color = next_side(games.all()) if side is None else side
        super().__init__(opponent(self.level), color, Board(), spec=_spec(self.level), words=words)

    def run(self, typed: Callable[[str], str | None]) -> None:
        """Play until quit; what becomes of the last game is said."""
        self._introduce()
        try:
            super().run(typed)
        finally:
            self._keep(is_left=True)
            self._say_unfinished()

    def close(self) -> None:
        """Free the opponent."""
        super().close()
        self.player.close()

    def obey(self, line: str) -> None:
        """Do what was typed, except what would help; what would leave the game is asked first."""
        word, argument = split_command(line)
        command = COMMANDS.get(word)
        run = None if command is None else command.run
        warned_of, self._warned_of = self._warned_of, None
        if run in (TerminalGame.undo, TerminalGame.hint):
            self._say("rated_no_help")
        elif run in (TerminalGame.new, TerminalGame.quit) and self._would_lose and run is not warned_of:
            self._warned_of = run
            self._say("rated_leave", word=word)
        elif run is TerminalGame.new:
            self._new_game(argument)
        elif run is TerminalGame.resign and self.outcome is None and not self._would_lose:
            self._abort()
        elif run is TerminalGame.quit:
            if self._would_lose:
                self._give_up(is_left=True)
            self.running = False
        else:
            super().obey(line)
            self._keep()

    def reply(self) -> None:
        """Let the opponent move."""
        super().reply()
        self._keep()

    def _opinion(self, decision: Decision) -> str:
        return ""  # what it expects would be help

    def _new_game(self, argument: str) -> None:
        """Begin another game, unless the result of this one is not kept yet."""
        if self._would_lose:
            if not self._knows_side(argument):
                return
            self._give_up(is_left=True)
        self._keep()
        if self.outcome is not None and not self._is_kept:  # and this was said
            return
        left, is_unfinished = self.board, self._is_unfinished
        super().new(argument or COLOR_NAMES[next_side(self._games.all())])
        if self.board is left:  # the side was not understood
            return
        if is_unfinished:
            self._say("rated_aborted")
        self._is_kept, self._game_id = False, uuid.uuid4().hex
        level = self._next_level()
        if level != self.level:
            self.player.close()
            self.level, self.player, self.spec = level, self._opponent(level), _spec(level)
        self._introduce()

    @property
    def _is_unfinished(self) -> bool:
        return self.outcome is None and bool(self.board.move_stack)

    @property
    def _would_lose(self) -> bool:
        """Whether leaving the game is a loss: it goes on, and the person has moved."""
        return self.outcome is None and has_begun(len(self.board.move_stack), self.side)

    def _say_unfinished(self) -> None:
        if self._is_unfinished:
            self._say("rated_unfinished" if self._would_lose else "rated_aborted")

    def _abort(self) -> None:
        """End a game that does not count yet: without a result."""
        self.declared, self._is_kept = Outcome(None, Termination.ADJUDICATION, ABORTED), True
        self._say("rated_aborted")

    def _introduce(self) -> None:
        self._say("rated_greeting", level=self.level, elo=LADDER_ELO[self.level] + SHOWN_ELO)

    def _keep(self, *, is_left: bool = False) -> None:
        """Keep a game that has just ended, once, and say what the rating is now, or that it fails: for good if left."""
        outcome, plies = self.outcome, len(self.board.move_stack)
        if outcome is None or self._is_kept:
            return
        elo, now = LADDER_ELO[self.level], datetime.now(UTC)
        game = RatedGame.ended(
            outcome, self.side, level=self.level, elo=elo, played=now, plies=plies, game_id=self._game_id
        )
        try:
            self._games.add(game)
        except UserStoreError as error:  # tried again at the next command
            self._say("rated_lost" if is_left else "rated_not_kept", error=self.words.error(error))
            return
        self._is_kept = True
        rating = self._rating()
        self._say("rated_now", **rating.shown(), games=rating.games, level=nearest_level(rating.elo))
        if not is_left:
            self._say("rated_next")

    def _results(self) -> list[tuple[float, float]]:
        return [(game.elo, game.score) for game in self._games.all()]

    def _rating(self) -> OwnRating:
        return rate_person(self._results())

    def _next_level(self) -> int:
        if isinstance(self._choice, int):
            return self._choice
        return most_telling_level(self._results()) if self._choice == FIND else nearest_level(self._rating().elo)
