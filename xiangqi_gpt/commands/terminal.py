"""A game in a terminal: the board as text, moves and commands typed, in English or Chinese."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from xiangqi_gpt.players import Decision, Player, load_player
from xiangqi_gpt.players.levels import at_its_best
from xiangqi_gpt.players.score import whole_percents
from xiangqi_gpt.rules import (
    START_FEN,
    Board,
    Move,
    MoveTextError,
    Outcome,
    Termination,
    XiangqiError,
    to_chinese,
    to_wxf,
)
from xiangqi_gpt.rules.pieces import COLOR_NAMES, parse_square

from .output import display_width, say
from .terminal_board import PIECE_STYLES, draw_board
from .terminal_input import prepare_terminal, read_line, split_command, typed_move
from .terminal_record import SavedGame
from .terminal_words import TerminalWords

_SIDES: Final = {"red": 0, "r": 0, "红": 0, "紅": 0, "black": 1, "b": 1, "黑": 1}
_CHINESE_STYLES: Final = {"繁体": "traditional", "繁體": "traditional", "简体": "simplified", "字母": "letters"}


def play_in_terminal(player_spec: str, side: int, fen: str | None, seed: int | None, language: str = "en") -> int:
    """Play a game as ``side`` (RED or BLACK) against a player, commands read from standard input until quit or its end.

    In Chinese (``language`` ``zh``) only where the terminal can write it.

    Raises ``XiangqiError`` for a FEN or a player that cannot be used; returns the exit status.
    """
    start = Board(fen or START_FEN, lenient=True)
    color, words = prepare_terminal(language)
    with contextlib.closing(load_player(player_spec, seed=seed)) as player:
        game = TerminalGame(player, side, start, spec=player_spec, color=color, words=words)
        game.adviser_spec = "" if at_its_best(player_spec) == player_spec else at_its_best(player_spec)
        with contextlib.closing(game):
            game.run(read_line)
    return 0


@dataclass(frozen=True)
class TerminalCommand:
    """Something to type besides a move: its names in English and Chinese, and what it takes and does, by keys."""

    names: tuple[str, ...]
    argument: str
    help: str
    run: Callable[[TerminalGame, str], None]


class TerminalGame:
    """A game between a person and a player. Everything it says goes to standard output."""

    def __init__(
        self,
        player: Player,
        side: int,
        start: Board,
        *,
        spec: str = "",
        color: bool = False,
        words: TerminalWords | None = None,
    ) -> None:
        """``side`` is the person's; ``spec``: of the player, by default its name; ``color`` paints the board."""
        self.words = words or TerminalWords()
        self.spec = spec or player.name  #: what the opponent is called and known for comes from it
        self.adviser_spec = ""  #: who gives hints, where it is not the opponent
        self._adviser: Player | None = None
        self.player = player
        self.side = side
        self.start = start
        self.board = start.copy()
        self.color = color
        self.style = "letters" if self.words.letters else "traditional"
        self.flipped = bool(side)
        self.declared: Outcome | None = None  #: an end that is not on the board: resignation, or the game is aborted
        self.running = True
        self._silent = False  # the player has failed and is not asked again before the person says so
        self._file = SavedGame()

    def run(self, typed: Callable[[str], str | None]) -> None:
        """Play until quit; ``typed`` shows a prompt and gives the next line, None when there are no more."""
        who = self.words.player_and_what_it_does(self.spec)
        self._say("greeting", side=self._side(self.side), name=who, example=self._example())
        self.show()
        while self.running:
            if self.outcome is None and self.board.turn != self.side and not self._silent:
                self.reply()
                continue
            line = typed(self._prompt())
            if line is None:
                return
            self.obey(line.strip())

    def close(self) -> None:
        """Free what gives hints."""
        if self._adviser is not None:
            self._adviser.close()

    def _say(self, key: str, **values: object) -> None:
        say(self.words(key, **values))

    def _side(self, side: int) -> str:
        return self.words(COLOR_NAMES[side])

    @property
    def outcome(self) -> Outcome | None:
        """How the game has ended, None while it goes on."""
        return self.declared or self.board.outcome()

    def _prompt(self) -> str:
        if self.outcome is not None:
            return self.words("prompt_over")
        return self.words("prompt", side=self._side(self.board.turn))

    def _example(self) -> str:
        return self.words("example_letters" if self.style == "letters" else "example")

    def name(self, move: Move) -> str:
        """A legal move of the position on the board, as the terminal can show it."""
        return self._name(self.board, move)

    def _name(self, board: Board, move: Move) -> str:
        return f"{to_wxf(board, move) if self.style == 'letters' else to_chinese(board, move)} ({move})"

    # --- what happens

    def obey(self, line: str) -> None:
        """Do what was typed: a command or a move. What is wrong with it is said, and nothing changes."""
        word, argument = split_command(line)
        command = COMMANDS.get(word)
        if not word:
            self._silent = False
        elif command is not None:
            command.run(self, argument)
        elif self.outcome is not None:
            end = self.words.ending(self.outcome)
            self._say("over_commands", end=end)
        elif self.board.turn != self.side:
            self._say("not_your_move")
        else:
            self._move(line)

    def _move(self, text: str) -> None:
        before = self.board.copy()
        try:
            move = self.board.push_text(typed_move(text))
        except MoveTextError:
            self._say("not_understood", text=self.words.quoted(text), example=self._example())
        except XiangqiError as error:
            say(self.words.error(error))
        else:
            self._silent = False
            self._played(before, move, self.words("you_play"))

    def reply(self) -> None:
        """Let the other player move; when it fails, say so and wait for the person."""
        try:
            decision = self.player.choose(self.board.copy())
            self.board.check_legal(decision.move)
        except XiangqiError as error:
            self._say("player_failed", error=self.words.error(error))
            self._silent = True
            return
        before, who = self.board.copy(), self.words("side_plays", side=self._side(self.board.turn))
        self.board.push(decision.move)
        self._played(before, decision.move, who, self._opinion(decision))

    def _played(self, before: Board, move: Move, who: str, opinion: str = "") -> None:
        say(f"{who} {self._name(before, move)}{opinion}")
        if self.board.turn == self.side or self.outcome is not None:
            self.show()

    def show(self) -> None:
        """Draw the board, and say check or how the game has ended."""
        print()
        print(draw_board(self.board, style=self.style, flipped=self.flipped, color=self.color))
        print()
        if self.outcome is not None:
            self._say_over(self.outcome)
        elif self.board.is_check():
            self._say("check")

    def _say_over(self, outcome: Outcome, *, is_left: bool = False) -> None:
        """Say how the game has ended, and how it can be kept unless it is left."""
        self._say("over", end=self.words.ending(outcome))
        if not is_left and self.board.move_stack:
            self._say("offer_saving_again" if self._file.path else "offer_saving", path=self._file.proposed())

    def _opinion(self, decision: Decision) -> str:
        """What a player thought of its move, where it says so."""
        parts = []
        if decision.move in decision.policy:
            parts.append(self.words("likely", share=f"{decision.policy[decision.move]:.0%}"))
        if decision.wdl is not None:
            win, draw, loss = whole_percents(decision.wdl)
            parts.append(self.words("expects", win=win, draw=draw, loss=loss))
        return f"  [{self.words('opinions').join(parts)}]" if parts else ""

    # --- commands

    def undo(self, _: str) -> None:
        """Back to the person's last decision; a resignation is taken back alone."""
        if self.declared is not None:
            self.declared = None
            self._say("undone_resignation")
            self.show()
            return
        plies = 2 if self.board.turn == self.side else 1
        if len(self.board.move_stack) < plies:
            self._say("nothing_to_undo")
            return
        self._silent = False
        taken = [self.board.pop() for _ply in range(plies)][::-1]
        board, names = self.board.copy(), []
        for move in taken:
            names.append(self._name(board, move))
            board.push(move)
        self._say("undone", moves=", ".join(names))
        self.show()

    def hint(self, _: str) -> None:
        """The opponent's advice for the side to move; a model gives it at its best."""
        if self.outcome is not None:
            self._say("is_over")
            return
        try:
            if self._adviser is None and self.adviser_spec:
                self._adviser = load_player(self.adviser_spec)
            decision = (self._adviser or self.player).choose(self.board.copy())
            text = self.name(decision.move)
        except XiangqiError as error:
            self._say("no_hint", error=self.words.error(error))
            return
        likely = [f"{self.name(move)} {share:.0%}" for move, share in list(decision.policy.items())[:3]]
        rest = self.words("likeliest", moves=", ".join(likely)) if likely else ""
        print(self.words("hint", text=text) + rest)

    def flip(self, _: str) -> None:
        """Turn the board."""
        self.flipped = not self.flipped
        self.show()

    def new(self, argument: str) -> None:
        """A new game from the same start, if asked for with the other side."""
        if not self._knows_side(argument):
            return
        self.side = _SIDES.get(argument.lower(), self.side)
        self.flipped = bool(self.side)
        self.board, self.declared, self._silent = self.start.copy(), None, False
        self._file = SavedGame()
        self._say("new_game", side=self._side(self.side))
        self.show()

    def _knows_side(self, argument: str) -> bool:
        """Whether a side is meant, or none named; where neither is so, the person is told."""
        if not argument or argument.lower() in _SIDES:
            return True
        self._say("which_side", argument=self.words.quoted(argument))
        return False

    def fen(self, _: str) -> None:
        """The position for other programs."""
        print(self.board.fen())

    def moves(self, _: str) -> None:
        """The moves so far, numbered."""
        replayed = self.start.copy()
        rows: list[str] = []
        for move in self.board.move_stack:
            if replayed.turn == 0 or not rows:
                rows.append(f"{replayed.fullmove_number:3}. " + ("... " if replayed.turn else ""))
            rows[-1] += self._name(replayed, move) + "  "
            replayed.push(move)
        print("\n".join(row.rstrip() for row in rows) or self.words("no_moves"))

    def legal(self, argument: str) -> None:
        """What may be played, by all pieces or from one square."""
        square = parse_square(argument)
        if argument and square is None:
            self._say("no_square", argument=self.words.quoted(argument))
            return
        found = [self.name(move) for move in self.board.legal_moves if square is None or move.from_square == square]
        print(", ".join(found) or self.words("no_legal_move"))

    def pieces(self, argument: str) -> None:
        """Change how the pieces are written."""
        argument = _CHINESE_STYLES.get(argument, argument)
        if argument not in PIECE_STYLES:
            self._say("pieces_can_be")
        elif argument == "simplified" and not self.color:
            self._say("pieces_alike")
        else:
            self.style = argument
            self.show()

    def save(self, argument: str) -> None:
        """Write the game as PGN, without a name to the same file as before, else to one named by the time."""
        person = self.words("you")
        names = (person, self.words.player(self.spec))
        try:
            done = self._file.save(argument, self.board, self.outcome, names if self.side == 0 else names[::-1])
        except (OSError, ValueError, RuntimeError) as error:  # what a path can be: too long, not text, nobody's home
            self._say("not_saved", error=self.words.error(error))
        else:
            self._say("saved" if done else "exists", path=self._file.last_named)

    def resign(self, _: str) -> None:
        """Give the game up."""
        if self.outcome is not None:
            self._say("is_over")
            return
        self._give_up()

    def _give_up(self, *, is_left: bool = False) -> None:
        self.declared = Outcome(1 - self.side, Termination.RESIGNATION)
        self._say_over(self.declared, is_left=is_left)

    def help(self, _: str) -> None:
        """Everything that can be typed."""
        self._say("help_title", example=self._example())
        for command in _COMMANDS:
            names = [name for name in command.names if self.style != "letters" or name.isascii()]
            names.sort(key=lambda name: name.isascii() == (self.words.language == "zh"))
            typed = f"{names[0]} {self.words(command.argument) if command.argument else ''}"
            also = f"  ({', '.join(names[1:])})" if names[1:] else ""
            print(f"  {typed}{' ' * (16 - display_width(typed))} {self.words(command.help)}{also}")

    def quit(self, _: str) -> None:
        """Leave."""
        self.running = False


_COMMANDS: Final[Iterable[TerminalCommand]] = (
    TerminalCommand(("undo", "u", "悔棋", "悔"), "", "help_undo", TerminalGame.undo),
    TerminalCommand(("hint", "提示"), "", "help_hint", TerminalGame.hint),
    TerminalCommand(("flip", "翻转", "翻轉"), "", "help_flip", TerminalGame.flip),
    TerminalCommand(("new", "新局", "新对局", "新對局"), "argument_side", "help_new", TerminalGame.new),
    TerminalCommand(("fen", "局面"), "", "help_fen", TerminalGame.fen),
    TerminalCommand(("moves", "棋谱", "棋譜"), "", "help_moves", TerminalGame.moves),
    TerminalCommand(("legal", "着法", "著法"), "argument_square", "help_legal", TerminalGame.legal),
    TerminalCommand(("pieces", "棋子"), "argument_style", "help_pieces", TerminalGame.pieces),
    TerminalCommand(("save", "保存", "儲存"), "argument_file", "help_save", TerminalGame.save),
    TerminalCommand(("resign", "认输", "認輸", "认负", "認負"), "", "help_resign", TerminalGame.resign),
    TerminalCommand(("help", "h", "-h", "--help", "?", "帮助", "幫助"), "", "help_help", TerminalGame.help),
    TerminalCommand(("quit", "q", "exit", "退出", "离开", "離開"), "", "help_quit", TerminalGame.quit),
)
COMMANDS: Final = {name: command for command in _COMMANDS for name in command.names}
