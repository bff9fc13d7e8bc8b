"""The sentences of a game in the terminal, in English and Chinese; what the window says too is taken from there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from xiangqi_gpt.rules import IllegalMoveError, Outcome, Refusal, XiangqiError

#: The Chinese of each English sentence.
CHINESE: Final[Mapping[str, str]] = {
    "Red": "红方",
    "Black": "黑方",
    "you": "玩家",
    "You play {side} against {name}. Type a move ({example}) or help.": (
        "你执{side}，对手：{name}。输入着法（{example}），或输入“帮助”。"
    ),
    "{side} to move> ": "{side}走> ",
    "game over> ": "已结束> ",
    "h2e2 or C2.5": "h2e2 或 C2.5",
    "h2e2, 炮二平五 or C2.5": "h2e2、炮二平五 或 C2.5",
    "The game is over: {end}. Type new, undo, save FILE or quit.": (
        "棋局已经结束：{end}。可以输入：新局、悔棋、保存 文件名、退出。"
    ),
    "It is not your move. Press Enter to ask the other player again.": "现在不该你走。按回车键让对手再试一次。",
    "{text} is neither a move nor a command. A move is {example}; help lists the commands.": (
        "{text} 不是着法，也不是命令。着法如 {example}；输入“帮助”查看命令。"
    ),
    "The other player has failed: {error}\nPress Enter to ask it again, or undo, save FILE, quit.": (
        "对手出错了：{error}\n按回车键再试，或输入：悔棋、保存 文件名、退出。"
    ),
    "You play": "你走",
    "{side} plays": "{side}走",
    "Game over: {end}": "棋局结束：{end}",
    "Check!": "将军！",
    "There is no move of yours to take back.": "没有可以悔的棋。",
    "The game is over.": "棋局已经结束。",
    "No hint: {error}": "没有提示：{error}",
    "Hint: {text}": "提示：{text}",
    "; likeliest: {moves}": "；最可能的着法：{moves}",
    "Which side? new red or new black, not {argument}.": "执哪一方？输入“新局 红”或“新局 黑”，不是 {argument}。",
    "A new game: you play {side}.": "新的一局，你执{side}。",
    "No moves yet.": "还没有着法。",
    "{argument} is not a square; squares are a0 to i9.": "没有 {argument} 这个位置；位置从 a0 到 i9。",
    "No legal move.": "没有可走的着法。",
    "Pieces can be {styles}.": "棋子的写法有：{styles}。",
    "Without colour the simplified pieces of the two sides look alike.": "没有颜色时，双方的简体棋子无法区分。",
    "Save where? For example: save game.pgn": "保存到哪里？例如：保存 game.pgn",
    "{path} exists already: choose another name.": "{path} 已经存在，请换一个名字。",
    "Not saved: {error}": "没有保存：{error}",
    "Saved: {path}": "已保存：{path}",
    "Type a move ({example}) or a command:": "输入着法（{example}）或命令：",
    "{share} likely": "概率 {share}",
    "it expects {win}% win, {draw}% draw, {loss}% loss": "它估计胜 {win}%、和 {draw}%、负 {loss}%",
    "take back your last move and the answer to it": "悔棋（连同对手的应着）",
    "ask what the best player would play for you": "请最强的棋手为你出主意",
    "turn the board": "翻转棋盘",
    "start a new game": "新的一局",
    "show the position as FEN": "显示局面的 FEN",
    "show the moves so far": "显示已走的着法",
    "show the legal moves": "显示可走的着法",
    "write pieces as {styles}": "棋子的写法：{styles}",
    "write the game as PGN": "把棋局保存为 PGN",
    "give up": "认输",
    "show this list": "显示这个列表",
    "leave": "退出",
}


class TerminalWords:
    """What the terminal says in a language, ``en`` or ``zh``."""

    def __init__(self, language: str = "en") -> None:
        self.language = language

    def __call__(self, sentence: str, **values: object) -> str:
        """Return a sentence with its blanks filled; in Chinese its translation."""
        text = CHINESE[sentence] if self.language == "zh" else sentence
        return text.format(**values)

    def ending(self, outcome: Outcome) -> str:
        """Return how a game ended."""
        if self.language == "en":
            return str(outcome)
        from xiangqi_gpt.gui.i18n.texts import Texts

        texts = Texts("zh")
        return f"{texts.result(outcome)}（{texts.termination(outcome)}）"

    def error(self, error: Exception, text: str = "") -> str:
        """Return what went wrong; ``text`` is the move that was typed."""
        details = str(getattr(error, "strerror", None) or error)
        if self.language == "en":
            return details
        from xiangqi_gpt.gui.i18n.texts import Texts

        texts = Texts("zh")
        if isinstance(error, IllegalMoveError):
            reason = next((reason for reason in Refusal if details.endswith(reason.value)), None)
            why = texts("move_illegal", move=text or details.split()[0])
            return f"{why}：{texts.refusal(reason)}" if reason is not None else why
        if isinstance(error, XiangqiError):
            return str(texts.error(type(error).__name__, details))
        return str(texts.error("OSError", details))
