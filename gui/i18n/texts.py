"""What the window says, in a language: the sentences of its file in ``gui/locale``, with their blanks filled."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

from xiangqi_gpt.option_text import OptionTextError, split_options
from xiangqi_gpt.players.levels import LEVELS, SHOWN_ELO
from xiangqi_gpt.rules import BLACK, RED, Board, Move, Outcome, Refusal
from xiangqi_gpt.rules.pieces import FILES, RANKS, TYPE_NAMES, color_of, square_name, type_of

from ..state.commands import Command
from ..state.error_report import ErrorReport
from ..state.guess import Guessing
from ..state.languages import LANGUAGES, filled, language_name, section
from ..state.notation import move_text
from ..state.position_editor import PositionFault
from ..state.record_files import CLIPBOARD, RecordFault
from ..state.session import ABORTED, DRAW_AGREED, HUMAN, GameSession
from .opening_names import english_opening

#: The tables of a language's file.
SECTIONS: Final = (
    "text",
    "button",
    "command",
    "board_keys",
    "board_commands",
    "refusal",
    "termination",
    "fault",
    "piece",
    "result",
    "level",
    "about_level",
    "player",
    "about_player",
    "error",
)
#: Players everyone has, by spec.
PLAYERS: Final = ("gpt", "greedy", "random")
_KNOWN: Final = (HUMAN, *PLAYERS)
_ENGINES: Final = ("uci", "ucci", "xboard")
_CHINESE_NUMBERS: Final = "一二三四五六七八九十"


class Texts:
    """The window's sentences in one language."""

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise ValueError(f"unknown language {language!r}; there are {', '.join(LANGUAGES)}")
        self.language = language
        self._tables = {name: section(language, name) for name in SECTIONS}

    def __call__(self, key: str, **values: object) -> str:
        """Return the sentence of a key with its blanks filled; for a ``count`` of 1 that of one thing, if there is."""
        return filled(self._tables["text"], key, values)

    def command(self, command: Command) -> str:
        """Return the short word on a command's button."""
        return self._tables["button"][command.key]

    def explain(self, command: Command) -> str:
        """Return what a command does, in a few words."""
        return self._tables["command"][command.key]

    def board_keys(self) -> list[tuple[str, str]]:
        """(key, what it does) of the keys that belong to the board."""
        return [(key, self._tables["board_commands"][name]) for name, key in self._tables["board_keys"].items()]

    def error(self, error: ErrorReport) -> str:
        """Return what went wrong, in a sentence."""
        table, _, key = error.code.rpartition(".")
        sentences = self._tables[table or "error"]
        values = {key: self._shown(value) for key, value in error.values.items()}
        text = sentences.get(key, sentences.get("error", "")).format_map(_Blanks(values, text=error.text))
        return text.strip(" :：")

    def _shown(self, value: object) -> object:
        """A value of a sentence about what went wrong: an engine by its name, not by its spec."""
        if value == CLIPBOARD:
            return self("clipboard")
        is_engine = isinstance(value, str) and value.partition(":")[0] in _ENGINES
        return self.player(str(value)) if is_engine else value

    def fault(self, fault: RecordFault) -> str:
        """Return where a game of a file is faulty, and why."""
        places = [("fault_game", fault.game), ("fault_ply", fault.ply), ("fault_line", fault.line)]
        where = self("fault_comma").join(self(key, number=number) for key, number in places if number is not None)
        return self("fault", where=where, why=self.error(fault.error))

    def opening(self, name: str) -> str:
        """Return an opening by its Chinese name."""
        return name if self.language == "zh" else english_opening(name)

    def judged(self, judgement: str, loss: float) -> str:
        """Return how bad a move was."""
        what = self(judgement)
        return self("judged", what=what[:1].upper() + what[1:], loss=round(100 * loss))

    def score(self, key: str, guessing: Guessing) -> str:
        """Return a sentence with the score of guessing."""
        share = f"{guessing.share:.0%}"
        values = {"right": guessing.right, "count": guessing.guesses, "points": guessing.points, "share": share}
        return self(key, side=self.side(guessing.side), **values)

    def square(self, square: int, side: int, notation: str) -> str:
        """A square as the board's edges name it; without coordinates by its file and rank as a side counts them."""
        if notation == "iccs":
            return square_name(square)
        file, rank = square % FILES, square // FILES
        numbers = (FILES - file, rank + 1) if side == RED else (file + 1, RANKS - rank)
        in_chinese = notation == "chinese" and side == RED
        names = [_CHINESE_NUMBERS[number - 1] if in_chinese else str(number) for number in numbers]
        return self("square", file=names[0], rank=names[1])

    def position_fault(self, fault: PositionFault, notation: str) -> str:
        """Return what is wrong with a position; squares as the board's edges name them in a notation."""
        side = RED if fault.side is None else fault.side
        values = {
            "side": "" if fault.side is None else self.side(fault.side),
            "piece": "" if fault.piece is None else self.piece(fault.piece),
            "square": "" if fault.square is None else self.square(fault.square, side, notation),
        }
        return self._tables["fault"][fault.fault.name.lower()].format(**values)

    def choice(self, setting: str, value: object) -> str:
        """Return what a value of a setting is called."""
        if setting == "language":
            return language_name(str(value))
        if isinstance(value, bool):
            return self("on" if value else "off")
        return self(f"{setting}_{value}")

    def moved(self, board: Board, move: Move, notation: str) -> str:
        """Return a move in the notation that is chosen, in English with the piece's name."""
        taken = board.piece_at(move.to_square)
        if notation != "iccs" and self.language == "zh":
            return move_text(board, move, notation)
        if notation != "iccs":
            piece, victim = (self.piece(piece) for piece in (board.piece_at(move.from_square), taken))
            words = self("piece_takes", piece=piece, taken=victim) if taken else piece
            return f"{move_text(board, move, notation)} ({words})"
        return self(
            "move_takes" if taken else "move_goes",
            piece=self.piece(board.piece_at(move.from_square)),
            source=square_name(move.from_square),
            target=square_name(move.to_square),
            taken=self.piece(taken),
        )

    def piece(self, piece: int) -> str:
        """Return the name of a piece by its code, as its side calls it; nothing for an empty square."""
        if not piece:
            return ""
        name, names = TYPE_NAMES[type_of(piece)], self._tables["piece"]
        return names.get(f"black_{name}", names[name]) if color_of(piece) == BLACK else names[name]

    def side(self, color: int) -> str:
        """Return the name of a side."""
        return self("red" if color == RED else "black")

    def refusal(self, reason: Refusal) -> str:
        """Why a move is refused."""
        return self._tables["refusal"][reason.name.lower()]

    def termination(self, outcome: Outcome) -> str:
        """Return the rule that ended a game."""
        if outcome.detail == DRAW_AGREED:
            return self("draw_agreed")
        if outcome.detail == ABORTED:
            return self("aborted_reason")
        text = self._tables["termination"][outcome.termination.name.lower()]
        return text.format(loser="" if outcome.winner is None else self.side(1 - outcome.winner))

    def score_of(self, result: str) -> str:
        """Return a record's result (``1-0``) as readers of the language write it; empty where it is not known."""
        key = {"1-0": "red_wins", "0-1": "black_wins", "1/2-1/2": "draw"}.get(result)
        return self._tables["result"][key] if key is not None else ""

    def result(self, outcome: Outcome) -> str:
        """Return who won."""
        if outcome.detail == ABORTED:
            return self("aborted_result")
        return self({RED: "red_wins", BLACK: "black_wins", None: "draw_result"}[outcome.winner])

    def player(self, spec: str) -> str:
        """Return the name of a player."""
        if spec in _KNOWN:
            return self._tables["player"][spec]
        kind, target, options = _taken_apart(spec)
        name = PurePath(target).name
        if kind == "search":
            return " · ".join(part for part in (self("search_player"), "" if target == "default" else name) if part)
        if kind not in _KNOWN:
            return name or spec
        level = self.level_number(int(options["level"])) if "level" in options else ""
        return " · ".join(part for part in (self.player(kind), name, level) if part)

    def player_of(self, session: GameSession, side: int) -> str:
        """Return who plays a side of a game: a person by the name that was given."""
        if session.players[side] != HUMAN:
            return self.player(session.players[side])
        if session.names[side]:
            return session.names[side]
        return self("person") if session.person is None else self.player(HUMAN)

    def level(self, number: int) -> str:
        """Return a level's number and name."""
        return self("level", level=self.level_number(number), name=self._tables["level"][str(number)])

    def level_number(self, number: int) -> str:
        """Return a level's number, in words."""
        return self("level_number", number=number)

    def offered(self, spec: str) -> str:
        """Return what a player is called in a list to choose from."""
        _, _, options = _taken_apart(spec)
        return self.level(int(options["level"])) if "level" in options else self.player(spec)

    def about_player(self, spec: str) -> str:
        """Return a few words about a player; a spec nobody described says itself."""
        if spec in _KNOWN:
            return self._tables["about_player"][spec]
        kind, target, options = _taken_apart(spec)
        if kind == "search" and options.get("nodes", "").isdecimal():
            return self("searches", count=f"{int(options['nodes']):,}")
        if kind == "search" and options.get("movetime", "").isdecimal():
            return self("by_clock", value=f"{int(options['movetime']) / 1000:g}")
        limits = [(limit, options[limit]) for limit in ("movetime", "nodes", "depth") if limit in options]
        if kind not in _KNOWN and limits:
            limit, value = limits[0]
            text = self(f"limit_{limit}", value=f"{int(value) / 1000:g}" if limit == "movetime" else value)
            return self("about_engine", protocol=kind.upper(), limit=text)
        if "level" not in options:
            return target or spec
        level = LEVELS[int(options["level"])]
        about = self._tables["about_level"][options["level"]]
        return self("about_level", about=about, elo=SHOWN_ELO + level.elo)


class _Blanks(dict[str, object]):
    """What fills the blanks of a sentence; a blank of which nothing is known stays empty."""

    def __missing__(self, key: str) -> str:
        return ""


def _taken_apart(spec: str) -> tuple[str, str, dict[str, str]]:
    """The kind, the target and the options of a player's spec."""
    try:
        rest, options = split_options(spec)
    except OptionTextError:
        rest, options = spec, {}
    kind, _, target = rest.partition(":")
    if options.get("level") not in (None, *map(str, LEVELS)):
        del options["level"]
    return kind, target, options
