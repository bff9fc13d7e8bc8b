"""What went wrong, in words: the kind of an error, and in Chinese, where the details are English, what they say."""

from __future__ import annotations

import re
from typing import Final

from ..state.record_files import CLIPBOARD

Phrase = tuple[str, str]

_KINDS: Final[dict[str, Phrase]] = {
    "CheckpointError": ("模型文件无法使用", "The model cannot be used"),
    "EngineError": ("引擎出错", "The engine failed"),
    "IllegalReplyError": ("引擎走出了不合规则的着法", "The engine made an illegal move"),
    "PlayerError": ("棋手无法使用", "The player cannot be used"),
    "UnsupportedGameError": ("这个模型跟不上这局棋", "This model cannot follow the game"),
    "AnalysisError": ("无法分析这局棋", "This game cannot be analysed"),
    "RecordError": ("棋谱有错误", "The record is faulty"),
    "CorpusError": ("无法读取棋谱", "The record cannot be read"),
    "FenError": ("不是有效局面", "Not a sound position"),
    "SaveError": ("保存失败", "Saving failed"),
    "MoveError": ("着法有错误", "A move is wrong"),
    "IllegalMoveError": ("着法不合规则", "A move is illegal"),
    "OSError": ("无法读写文件", "A file cannot be read or written"),
    "FileNotFoundError": ("找不到文件", "A file is missing"),
    "PermissionError": ("没有读写文件的权限", "A file may not be read or written"),
    "MemoryError": ("内存不足", "There is not enough memory"),
}
_UNKNOWN: Final[Phrase] = ("出错了", "Something went wrong")

_PLAYERS: Final = ("PlayerError", "EngineError")
_RECORDS: Final = ("CorpusError", "RecordError")
_FENS: Final = ("FenError",)

#: Kinds of error, what their details say, and that in Chinese; the first that fits counts.
_REASONS: Final[tuple[tuple[tuple[str, ...], str, str], ...]] = (
    (_PLAYERS, r"no program ", "找不到引擎程序"),
    (_PLAYERS, r"is not executable", "引擎文件没有执行权限"),
    (_PLAYERS, r"cannot start ", "无法启动引擎"),
    (_PLAYERS, r"it died|it closed its output", "引擎意外退出"),
    (_PLAYERS, r"no answer in time", "引擎没有回应"),
    (_PLAYERS, r"does not play xiangqi", "这个引擎不会下象棋"),
    (_PLAYERS, r"cannot set up a position", "这个引擎不能从任意局面开始"),
    (_PLAYERS, r"it answered ", "引擎走出了看不懂的着法"),
    (_PLAYERS, r"it sees no move", "引擎找不到可走的着法"),
    (_PLAYERS, r"has no option ", "引擎没有这个选项"),
    (_PLAYERS, r"one limit is needed", "没有说明引擎每步想多久"),
    (_PLAYERS, r"unknown player ", "没有这样的棋手"),
    (_PLAYERS, r"is no model: ", "这个棋手不是模型，不能分析棋局"),
    (("UnsupportedGameError",), r"blind model can only follow", "这个模型看不见棋盘，只能从开局下起"),
    (("CheckpointError",), r"no model (named|in) ", "找不到模型"),
    (("CheckpointError",), r"a model is a folder", "请选择模型所在的文件夹"),
    (("CheckpointError",), r"does not fit into memory", "内存放不下这个模型"),
    (("CheckpointError",), r"is damaged|cannot be read|: tensor ", "模型文件已损坏"),
    (_RECORDS, r"not (of )?Xiangqi", "这不是中国象棋的棋谱"),
    (_RECORDS, r"replay from the usual start", "起始局面无法识别，已按开局摆法读入"),
    (_RECORDS, r"a comment is never closed", "注解没有结束"),
    (_RECORDS, r"a variation |variation \d+ leaves|variations are nested", "变着有错误"),
    (_RECORDS, r"no such file", "找不到棋谱文件"),
    (_RECORDS, r"is a folder", "这是文件夹，不是棋谱文件"),
    (_RECORDS, r"unknown format", "不认识这种文件"),
    (_RECORDS, r" is not (XQF|CBL|CBR|CBF)|an old CBL|holds no |is no library", "这个文件不是棋谱"),
    (_RECORDS, r"ends (before|inside)|is damaged|bytes, ", "棋谱文件已损坏或不完整"),
    (_RECORDS, r"is XQF of version", "这个版本的棋谱还不能读"),
    (_RECORDS, r"[Pp]ermission denied", "没有读取文件的权限"),
    (
        _RECORDS,
        r"cannot be (played|read)|is no move|is not a move|not legal|illegal|no piece|does not move",
        "着法不合规则或无法识别",
    ),
    (_FENS, r"empty FEN", "没有内容"),
    (_FENS, r"(has|at most) 6 fields", "FEN 应当有 6 段"),
    (_FENS, r"a board has", "棋盘应当有 10 行"),
    (_FENS, r"unknown piece letter '(?P<a>.)' on rank (?P<b>\d+)", "第 {b} 行有不认识的棋子字母 {a}"),
    (_FENS, r"rank (?P<a>\d+) has (more|fewer)", "第 {a} 行不是 9 格"),
    (_FENS, r"the side to move is", "先走的一方应当写 w（红）或 b（黑）"),
    (_FENS, r"is not a number|is less than", "着数不是有效的数字"),
    (_FENS, r"cannot stand on (?P<a>\w\d)", "{a} 上的棋子不能放在那里"),
    (_FENS, r"has no king", "缺少将或帅"),
    (_FENS, r"has \d+ kings|pieces of kind", "棋子太多"),
    (_FENS, r"is in check although", "被将军的一方应当先走"),
    (_FENS, r"kings? (would )?face", "将帅照面"),
    (("SaveError",), r"Permission denied|Read-only", "不能写到这个位置"),
    (("SaveError",), r"No such file or directory|Not a directory", "没有这个文件夹"),
    (("SaveError",), r"Is a directory", "这是一个文件夹，请写出文件名"),
    (("SaveError",), r"No space left|quota", "磁盘已满"),
    (("SaveError",), r"no program reads this pipe", "没有程序在读这个管道"),
)


#: What an English sentence is about: the words in quotation marks, else what stands before the colon.
_QUOTED: Final = re.compile(
    r"(?:program|player|model|option|file|folder) '([^']+)'|(?:no program|no such file:?) '?([^' ]+)"
)
_BEFORE: Final = re.compile(r"(?P<what>[^:]*[^:\s](?::[^:\s]+)?): ")
_SPEC: Final = re.compile(r"(?:uci|ucci|xboard|gpt|search):(.+)")
_PATH: Final = re.compile(r"(?:\w:)?[/\\][^\s:]+|\b[^\s/:]+\.[a-z]{3,4}\b")
_PLACES: Final = (("game", "第 {} 局"), ("line", "第 {} 行"), ("ply", "第 {} 步"))


def error_words(kind: str, details: str) -> Phrase:
    """Return what went wrong in a sentence of each language; in Chinese without the English details.

    An error that nobody foresaw keeps them: they are for whoever mends it.
    """
    chinese, english = _KINDS.get(kind, _UNKNOWN)
    sentence = f"{english}: {details}"
    if kind not in _KINDS:
        return f"{chinese}：{details}", sentence
    words, found = chinese, None
    for kinds, pattern, text in _REASONS:
        found = re.search(pattern, details) if kind in kinds else None
        if found is not None:
            words = text.format(**found.groupdict())
            break
    subject = "" if kind in _FENS else _subject(details)
    return (f"{words}：{subject}" if subject else words), sentence


def reason_in_chinese(kind: str, details: str) -> str:
    """Return the Chinese for an error's details alone, or else what kind of error it is."""
    return error_words(kind, details)[0]


def _bare(name: str) -> str:
    """A name without what a player's spec says besides: a program or a folder."""
    found = _SPEC.match(name)
    return found[1].partition(",")[0] if found is not None else name


def _subject(details: str) -> str:
    """The name in an English sentence: a player, a program, a file, and the places in it."""
    quoted = _QUOTED.search(details)
    if quoted is not None:
        return _bare(quoted[1] or quoted[2])
    before = _BEFORE.match(details)
    if before is None:
        path = _PATH.search(details)
        return "剪贴板" if CLIPBOARD in details else path[0] if path is not None else ""
    name, *places = before["what"].split(", ")
    name = _bare(name)
    if CLIPBOARD in name:
        name = "剪贴板"
    elif re.fullmatch(r"(game|line|ply) \d+", name):
        name, places = "", [name, *places]
    elif " " in name and not re.search(r"[/\\.,=]", name):
        return ""  # a sentence, not a name
    words = [phrase.format(place.split()[-1]) for place in places for key, phrase in _PLACES if place.startswith(key)]
    return " ".join([name, "".join(words)]).strip()
