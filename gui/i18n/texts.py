"""Every sentence the window shows, in Chinese (simplified) and English."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Final

from xiangqi_gpt.players.levels import LEVELS
from xiangqi_gpt.rules import BLACK, RED, Board, Move, Outcome, Refusal, Termination
from xiangqi_gpt.rules.pieces import FILES, RANKS, square_name, type_of

from ..state.guess import Guessing
from ..state.intents import Command
from ..state.languages import LANGUAGES
from ..state.notation import move_text
from ..state.position_editor import Complaint
from ..state.record_files import RecordFault
from ..state.session import DRAW_AGREED, HUMAN, GameSession
from .command_phrases import BOARD_KEYS, COMMANDS, EXPLAINED
from .error_phrases import error_words
from .game_phrases import GAME_PHRASES, LEVEL_NAMES
from .opening_names import english_opening
from .phrases import FAULTS, PHRASES, PIECES

_PHRASES: Final[dict[str, tuple[str, str]]] = (
    {
        "title": ("象棋 GPT", "Xiangqi GPT"),
        "red": ("红方", "Red"),
        "black": ("黑方", "Black"),
        "red_to_move": ("轮到红方走", "Red to move"),
        "black_to_move": ("轮到黑方走", "Black to move"),
        "your_move": ("轮到你走", "Your move"),
        "check": ("将军！", "Check!"),
        "thinking": ("{name} 思考中", "{name} is thinking"),
        "loading": ("正在载入 {name}", "Loading {name}"),
        "thinking_short": ("思考中", "thinking"),
        "loading_short": ("载入模型", "loading"),
        "mind_wait": ("正在思考", "Thinking"),
        "paused": ("已暂停", "Paused"),
        "looking_back": (
            "回看第 {ply} / {count} 步，按 End 回到当前局面",
            "Looking back: ply {ply} of {count}. End returns to the game",
        ),
        "look_back_first": (
            "正在回看，按 End 回到当前局面再走",
            "You are looking back. Press End to return, then move",
        ),
        "not_your_turn": ("现在轮到对方走", "It is the other side's move"),
        "game_over": ("棋局已经结束", "The game is over"),
        "nothing_to_undo": ("没有可以悔的棋", "Nothing to take back"),
        "nothing_to_redo": ("没有可以重走的棋", "Nothing to play again"),
        "redone": ("已重走 {count} 步", "Played again: {count}"),
        "undone": ("已悔棋 {count} 步", "Took back: {count}"),
        "fen_copied": ("局面 (FEN) 已复制", "FEN copied to the clipboard"),
        "clipboard_failed": ("无法使用剪贴板", "The clipboard cannot be used"),
        "fen_pasted": ("已从剪贴板载入局面", "Position loaded from the clipboard"),
        "fen_bad": ("剪贴板里不是有效局面：{error}", "No position on the clipboard: {error}"),
        "saved": ("已保存到 {path}", "Saved to {path}"),
        "move_illegal": ("不能走 {move}", "{move} is not legal here"),
        "move_ambiguous": ("{move} 可以指不止一个棋子", "{move} could be more than one piece"),
        "move_unreadable": ("看不懂的着法：{move}", "Not a move: {move}"),
        "crashed": ("对手进程意外退出，已重新启动", "The player's process died and was started again"),
        "crashed_for_good": ("对手进程反复退出，按 P 重试", "The player's process keeps dying. Press P to try again"),
        "hint": ("建议：{move}", "Hint: {move}"),
        "hint_wait": ("正在寻找好棋", "Looking for a good move"),
        "resume_title": ("继续上次的棋", "Your unfinished game"),
        "resume_question": (
            "上次有一局没有下完，已走 {count} 步。要继续吗？",
            "There is a game you did not finish, after {count} plies. Resume it?",
        ),
        "resume_button": ("继续", "Resume"),
        "resume_not": ("不用了", "No"),
        "settings_bad": ("设置文件已损坏，改名为 {name}", "The settings file was damaged; it is now {name}"),
        "game_bad": ("自动保存的棋局已损坏，改名为 {name}", "The saved game was damaged; it is now {name}"),
        "moves": ("着法", "Moves"),
        "no_captures": ("双方都没有吃子", "Nothing captured yet"),
        "no_moves": ("还没有着法", "No moves yet"),
        "mind": ("模型的想法", "What the model thinks"),
        "mind_empty": ("这个引擎不给出分析", "This engine shows no analysis"),
        "win_red": ("红胜", "Red"),
        "draw": ("和", "Draw"),
        "win_black": ("黑胜", "Black"),
        "new_game": ("新对局", "New game"),
        "you_play": ("你执", "You play"),
        "person": ("玩家", "Player"),
        "side_red": ("红方", "Red"),
        "side_black": ("黑方", "Black"),
        "side_random": ("随机", "Random"),
        "side_both": ("双人", "Both"),
        "side_none": ("观战", "Watch"),
        "opponent": ("对手", "Opponent"),
        "red_player": ("红方棋手", "Red's player"),
        "black_player": ("黑方棋手", "Black's player"),
        "both_hint": ("两人轮流使用这块棋盘。", "Two people share this board."),
        "start_button": ("开始", "Start"),
        "cancel": ("取消", "Cancel"),
        "close": ("关闭", "Close"),
        "ok": ("确定", "OK"),
        "resign_title": ("认输", "Resign"),
        "resign_question": ("确定要认输吗？本局将判{side}负。", "Give up this game? {side} will lose."),
        "resign_button": ("认输", "Resign"),
        "move_title": ("输入着法", "Type a move"),
        "move_example": ("例如 炮二平五、C2.5 或 h2e2", "For example h2e2, C2.5 or 炮二平五"),
        "play_button": ("走棋", "Play"),
        "save_title": ("保存棋谱", "Save the game"),
        "save_example": ("文件路径", "Path of the file"),
        "save_button": ("保存", "Save"),
        "keys_title": ("键盘操作", "Keyboard"),
        "red_wins": ("红胜", "Red wins"),
        "black_wins": ("黑胜", "Black wins"),
        "draw_result": ("和棋", "Draw"),
        "you_win": ("你赢了", "You win"),
        "you_lose": ("你输了", "You lose"),
        "review": ("分析", "Analyse"),
    }
    | PHRASES
    | GAME_PHRASES
)

_REFUSALS: Final[dict[Refusal, tuple[str, str]]] = {
    Refusal.EMPTY_SQUARE: ("那里没有棋子", "There is no piece to move"),
    Refusal.NOT_YOURS: ("那是对方的棋子", "That piece belongs to the other side"),
    Refusal.OWN_PIECE: ("那里有自己的棋子", "A piece of your own stands there"),
    Refusal.NOT_ITS_MOVE: ("这个棋子不能这样走", "This piece does not move like that"),
    Refusal.PATH_BLOCKED: ("路上有棋子挡着", "Another piece is in the way"),
    Refusal.LEG_BLOCKED: ("蹩马腿", "The horse's leg is blocked"),
    Refusal.EYE_BLOCKED: ("塞象眼", "The elephant's eye is blocked"),
    Refusal.NO_SCREEN: ("炮要隔一个子才能吃", "A cannon captures over exactly one piece"),
    Refusal.KINGS_FACE: ("将帅不能照面", "The kings would face each other"),
    Refusal.STILL_IN_CHECK: ("正被将军，必须应将", "The king would still be in check"),
    Refusal.INTO_CHECK: ("这样走会被将军", "The king would be in check"),
}

_TERMINATIONS: Final[dict[Termination, tuple[str, str]]] = {
    Termination.CHECKMATE: ("将死", "Checkmate"),
    Termination.STALEMATE: ("困毙：无子可动", "Stalemate: no legal move loses"),
    Termination.PERPETUAL_CHECK: ("长将判负", "Perpetual check loses"),
    Termination.PERPETUAL_CHASE: ("长捉判负", "Perpetual chase loses"),
    Termination.REPETITION: ("三次重复局面", "Threefold repetition"),
    Termination.NO_CAPTURE: ("自然限着：久无吃子", "Too many moves without a capture"),
    Termination.INSUFFICIENT_MATERIAL: ("双方都没有过河的子力", "Neither side can attack"),
    Termination.RESIGNATION: ("{loser}认输", "{loser} resigned"),
    Termination.TIME: ("{loser}超时", "{loser} ran out of time"),
    Termination.ILLEGAL_MOVE: ("{loser}违规走子", "{loser} made an illegal move"),
    Termination.ADJUDICATION: ("裁定", "Adjudication"),
}

#: Players everyone has: spec -> name, one line about it.
_PLAYERS: Final[dict[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    HUMAN: (("玩家", "You"), ("坐在棋盘前的人", "The person at the board")),
    "gpt": (("GPT", "GPT"), ("模型，总走最看好的着法", "The model, always its likeliest move")),
    "greedy": (("贪吃", "Greedy"), ("总是吃最值钱的子", "Always captures the most valuable piece")),
    "random": (("随机", "Random"), ("任意走一步合法着法", "Plays any legal move")),
}

#: An option at the end of a player's spec, as ``players.spec`` has it.
_OPTION: Final = re.compile(r",(?P<key>[\w.]+)=(?P<value>[^,]*)\Z")

PLAYERS: Final = tuple(spec for spec in _PLAYERS if spec != HUMAN)


class Texts:
    """The window's sentences in one language."""

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise ValueError(f"unknown language {language!r}; there are {', '.join(LANGUAGES)}")
        self.language = language
        self._column = LANGUAGES.index(language)

    def __call__(self, key: str, **values: object) -> str:
        """The sentence of a key, with its blanks filled."""
        return _PHRASES[key][self._column].format(**values)

    def command(self, command: Command) -> str:
        """The short word on a command's button."""
        return COMMANDS[command][self._column]

    def explain(self, command: Command) -> str:
        """What a command does, in a few words."""
        return EXPLAINED[command][self._column]

    def board_keys(self) -> list[tuple[str, str]]:
        """(key, what it does) of the keys that belong to the board."""
        return [(key[self._column], text[self._column]) for key, text in BOARD_KEYS]

    def error(self, kind: str, details: str) -> str:
        """What went wrong in words; in English with the details as they were reported."""
        return error_words(kind, details)[self._column]

    def reason(self, kind: str, details: str) -> str:
        """The details of an error in words, without its kind."""
        return details if self.language == "en" else error_words(kind, details)[self._column]

    def fault(self, fault: RecordFault) -> str:
        """Where a game of a file is faulty, and why."""
        places = [("fault_game", fault.game), ("fault_ply", fault.ply), ("fault_line", fault.line)]
        where = self("fault_comma").join(self(key, number=number) for key, number in places if number is not None)
        return self("fault", where=where, why=self.reason("RecordError", fault.reason))

    def opening(self, name: str) -> str:
        """An opening by its Chinese name."""
        return english_opening(name) if self.language == "en" else name

    def judged(self, judgement: str, loss: float) -> str:
        """How bad a move was."""
        what = self(judgement)
        return self("judged", what=what[:1].upper() + what[1:], loss=round(100 * loss))

    def score(self, key: str, guessing: Guessing) -> str:
        """A sentence with the score of guessing."""
        share = f"{guessing.share:.0%}"
        values = {"right": guessing.right, "count": guessing.guesses, "points": guessing.points, "share": share}
        return self(key, side=self.side(guessing.side), **values)

    def square(self, square: int, side: int, notation: str) -> str:
        """A square as the board's edges name it; without coordinates by its file and rank as a side counts them."""
        if notation == "iccs":
            return square_name(square)
        file, rank = square % FILES, square // FILES
        number = FILES - file if side == RED else file + 1
        name = "一二三四五六七八九"[number - 1] if notation == "chinese" and side == RED else str(number)
        return self("square", file=name, rank=(rank if side == RED else RANKS - 1 - rank) + 1)

    def complaint(self, complaint: Complaint, notation: str) -> str:
        """What is wrong with a position; squares as the board's edges name them in a notation."""
        side = RED if complaint.side is None else complaint.side
        values = {
            "side": "" if complaint.side is None else self.side(complaint.side),
            "piece": "" if complaint.piece is None else PIECES[type_of(complaint.piece)][self._column],
            "square": "" if complaint.square is None else self.square(complaint.square, side, notation),
        }
        return FAULTS[complaint.fault][self._column].format(**values)

    def choice(self, setting: str, value: object) -> str:
        """What a value of a setting is called."""
        if setting == "language":
            return {"zh": "中文", "en": "English"}[str(value)]
        if isinstance(value, bool):
            return self("on" if value else "off")
        return self(f"{setting}_{value}")

    def moved(self, board: Board, move: Move, notation: str) -> str:
        """A move in the notation that is chosen, in English with the piece's name."""
        taken = board.piece_at(move.to_square)
        if notation != "iccs" and self.language == "zh":
            return move_text(board, move, notation)
        if notation != "iccs":
            piece, victim = (
                self.piece(type_of(piece)) if piece else "" for piece in (board.piece_at(move.from_square), taken)
            )
            words = self("piece_takes", piece=piece, taken=victim) if taken else piece
            return f"{move_text(board, move, notation)} ({words})"
        return self(
            "move_takes" if taken else "move_goes",
            piece=self.piece(type_of(board.piece_at(move.from_square))),
            source=square_name(move.from_square),
            target=square_name(move.to_square),
            taken=self.piece(type_of(taken)) if taken else "",
        )

    def piece(self, kind: int) -> str:
        """The name of a type of piece."""
        return PIECES[kind][self._column]

    def side(self, color: int) -> str:
        """The name of a side."""
        return self("red" if color == RED else "black")

    def refusal(self, reason: Refusal) -> str:
        """Why a move is refused."""
        return _REFUSALS[reason][self._column]

    def termination(self, outcome: Outcome) -> str:
        """The rule that ended a game."""
        if outcome.detail == DRAW_AGREED:
            return self("draw_agreed")
        text = _TERMINATIONS[outcome.termination][self._column]
        return text.format(loser="" if outcome.winner is None else self.side(1 - outcome.winner))

    def score_of(self, result: str) -> str:
        """A record's result (``1-0``) as readers of the language write it; empty where it is not known."""
        if result not in ("1-0", "0-1", "1/2-1/2"):
            return ""
        if self.language == "en":
            return result
        return {"1-0": "红胜", "0-1": "黑胜", "1/2-1/2": "和"}[result]

    def result(self, outcome: Outcome) -> str:
        """Who won."""
        return self({RED: "red_wins", BLACK: "black_wins", None: "draw_result"}[outcome.winner])

    def player(self, spec: str) -> str:
        """The name of a player."""
        if spec in _PLAYERS:
            return _PLAYERS[spec][0][self._column]
        kind, target, options = _taken_apart(spec)
        name = PurePath(target).name
        if kind == "search":
            return " · ".join(part for part in (self("search_player"), "" if target == "default" else name) if part)
        if kind not in _PLAYERS:
            return name or spec
        level = self.level(int(options["level"])).partition(" · ")[0] if "level" in options else ""
        return " · ".join(part for part in (self.player(kind), name, level) if part)

    def seated(self, session: GameSession, side: int) -> str:
        """Who plays a side of a game: a person by the name that was given."""
        if session.seats[side] != HUMAN:
            return self.player(session.seats[side])
        if session.names[side]:
            return session.names[side]
        return self("person") if session.person is None else self.player(HUMAN)

    def level(self, number: int) -> str:
        """A level's number and name."""
        return self("level", number=number, name=LEVEL_NAMES[number][self._column])

    def offered(self, spec: str) -> str:
        """What a player is called in a list to choose from."""
        _, _, options = _taken_apart(spec)
        return self.level(int(options["level"])) if "level" in options else self.player(spec)

    def about_player(self, spec: str) -> str:
        """A few words about a player; a spec nobody described says itself."""
        if spec in _PLAYERS:
            return _PLAYERS[spec][1][self._column]
        kind, target, options = _taken_apart(spec)
        if kind == "search" and options.get("nodes", "").isdecimal():
            return self("searches", count=f"{int(options['nodes']):,}")
        limits = [(limit, options[limit]) for limit in ("movetime", "nodes", "depth") if limit in options]
        if kind not in _PLAYERS and limits:
            limit, value = limits[0]
            text = self(f"limit_{limit}", value=f"{int(value) / 1000:g}" if limit == "movetime" else value)
            return self("about_engine", protocol=kind.upper(), limit=text)
        if "level" not in options:
            return target or spec
        nodes = LEVELS[int(options["level"])].nodes
        return self("searches", count=f"{nodes:,}") if nodes else self("by_instinct")


def _taken_apart(spec: str) -> tuple[str, str, dict[str, str]]:
    """The kind, the target and the options of a player's spec."""
    rest, options = spec, {}
    while match := _OPTION.search(rest):
        options[match["key"]] = match["value"]
        rest = rest[: match.start()]
    kind, _, target = rest.partition(":")
    if not options.get("level", "1").isdecimal() or int(options.get("level", "1")) not in LEVEL_NAMES:
        del options["level"]
    return kind, target, options
