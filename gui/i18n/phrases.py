"""The sentences of Analyse and Set-up mode and of files, in Chinese (simplified) and English."""

from __future__ import annotations

from typing import Final

from ..state.position_editor import Fault
from .error_phrases import Phrase

PHRASES: Final[dict[str, Phrase]] = {
    # modes
    "mode_play": ("对局", "Play"),
    "mode_analyse": ("分析", "Analyse"),
    "mode_setup": ("摆局", "Set up"),
    "keys_mode": ("（{mode}）", " · {mode}"),
    # files and the clipboard
    "open_title": ("打开棋谱", "Open a game record"),
    "open_button": ("打开", "Open"),
    "open_empty": ("这个文件夹里没有棋谱", "No game records in this folder"),
    "open_denied": ("无法打开这个文件夹", "This folder cannot be opened"),
    "open_nothing": ("这个文件夹里没有可选的文件", "Nothing to choose in this folder"),
    "open_folder": ("文件夹", "Folder"),
    "open_recent": ("最近打开", "Recent"),
    "open_path": ("文件或文件夹", "File or folder"),
    "open_drop": ("也可以把棋谱文件拖到窗口里。", "You can also drop a record file on the window."),
    "reading": ("正在读取棋谱", "Reading the games"),
    "games_read": ("读入 {count} 局棋", "Games read: {count}"),
    "games_cut": ("读入 {count} 局棋，有 {faults} 处错误", "Games read: {count}; faults found: {faults}"),
    "games_most": ("只列出前 {count} 局", "Only the first {count} games are listed"),
    "games_title": ("选择一局棋", "Choose a game"),
    "games_button": ("分析", "Analyse"),
    "games_filter": ("输入姓名、赛事或开局来筛选", "Type a name, an event or an opening"),
    "games_none": ("没有符合的棋局", "No game fits"),
    "games_count": ("{shown} / {count} 局", "{shown} of {count} games"),
    "game_here": ("棋盘上正在下的棋", "The game being played"),
    "plies": ("{count} 步", "{count} plies"),
    "unsaved_title": ("变着还没有保存", "Variations not saved"),
    "unsaved_question": (
        "这局棋里有没保存的变着。要丢弃吗？",
        "There are variations in this game that were not saved. Discard them?",
    ),
    "unsaved_button": ("丢弃", "Discard"),
    "unsaved_too": ("没有保存的变着也会丢弃。", "Variations that were not saved are discarded too."),
    "resume_study_title": ("继续上次的分析", "Your unsaved variations"),
    "resume_study_question": (
        "上次分析时有没保存的变着。要继续吗？",
        "There are variations that you did not save. Go on with them?",
    ),
    "study_bad": ("自动保存的变着已损坏，改名为 {name}", "The saved variations were damaged; they are now {name}"),
    "replace_title": ("文件已存在", "The file exists"),
    "replace_question": ("{path} 已经存在。要替换吗？", "{path} exists already. Replace it?"),
    "replace_button": ("替换", "Replace"),
    "game_copied": ("棋谱 (PGN) 已复制", "The game (PGN) was copied"),
    "clipboard_empty": ("剪贴板里没有文字", "There is no text on the clipboard"),
    "here_title": ("从这里对局", "Play from here"),
    "here_question": (
        "正在下的棋还没有结束。要放弃它，从这个局面开始吗？",
        "The game being played is not over. Give it up and go on from this position?",
    ),
    "here_button": ("从这里对局", "Play from here"),
    # analysis
    "view_moves": ("着法", "Moves"),
    "view_mind": ("想法", "Mind"),
    "view_belief": ("心中棋盘", "Belief"),
    "untitled": ("未命名的棋局", "Untitled game"),
    "game_live": ("正在下的棋", "The game being played"),
    "known_games": ("{count} 局到过这里", "reached in {count} games"),
    "known_none": ("没有已知棋局到过这里", "no known game came here"),
    "annotating": ("正在分析全局：{share}", "Analysing the game: {share}"),
    "no_annotation": ("还没有可分析的着法", "No moves to analyse yet"),
    "no_mistake": ("这个方向没有更多失误", "No more mistakes this way"),
    "mistakes_wait": ("分析还没有完成", "The analysis is not finished yet"),
    "not_in_variation": ("当前不在变着里", "This is the game itself, not a variation"),
    "nothing_to_delete": ("这里没有可以删除的着法", "There is no move to delete here"),
    "inaccuracy": ("缓着", "inaccuracy"),
    "mistake": ("失误", "mistake"),
    "blunder": ("大失误", "blunder"),
    "judged": ("{what}，损失 {loss} 个百分点", "A {what}: {loss} points lost"),
    "better": ("更好：{move}", "Better: {move}"),
    "played": ("实战：{move}", "Played: {move}"),
    "played_as": (
        "第 {rank} 选，共 {choices} 种 · {share} · {bits} 比特",
        "choice {rank} of {choices} · {share} · {bits} bits",
    ),
    "value_change": ("{before} → {after}", "{before} → {after}"),
    "bits": ("{bits} 比特", "{bits} bits"),
    "surprise": ("意外程度（比特）", "Surprise (bits)"),
    "per_side": ("{side}：{counts}", "{side}: {counts}"),
    "no_mistakes_yet": ("没有失误", "no mistakes"),
    "bits_a_move": ("每步 {bits} 比特", "{bits} bits a move"),
    "illegal": ("最想走的犯规着：{move}", "Illegal move it wanted most: {move}"),
    "heat_from": ("起 {share}", "from {share}"),
    "heat_to": ("落 {share}", "to {share}"),
    "illegal_short": ("犯规 {move}", "Illegal {move}"),
    "wasted": ("浪费在犯规着上的概率：{share}", "Probability wasted on illegal moves: {share}"),
    "none_wasted": ("看得见棋盘，犯规着的概率为零。", "It sees the board: nothing goes to illegal moves."),
    "belief_true": ("模型心中的棋盘与实际一致", "The model's board is the true one"),
    "belief_wrong": ("有 {count} 格与实际不符", "Squares that differ: {count}"),
    "belief_about": ("由线性探针读出，探针准确率 {share}", "Read by a linear probe, right on {share} of squares"),
    "belief_none": (
        "这个模型没有探针。运行 xiangqi-gpt probe 可以训练一个，然后这里会显示模型心中的棋盘。",
        "This model has no probe. xiangqi-gpt probe fits one; then its belief about the board is shown here.",
    ),
    "belief_wait": ("正在读取", "Reading its mind"),
    "guess_begins": ("猜{side}的着法：请在棋盘上走子", "Guess {side}'s moves: play them on the board"),
    "guess_right": ("猜对了：{move}", "Right: {move}"),
    "guess_as_good": ("实战走 {move}，你的 {guess} 也不差", "Played was {move}; your {guess} is as good"),
    "guess_wrong": ("实战走 {move}，你猜的是 {guess}", "Played was {move}; you guessed {guess}"),
    "guess_score": (
        "猜{side}的着法：{right} / {count} 对，{points} 分 ({share})",
        "Guess {side}'s move. Right: {right} of {count}, {points} points ({share})",
    ),
    "guess_over": (
        "猜着结束：{right} / {count} 对，{points} 分 ({share})",
        "Guessing is over. Right: {right} of {count}, {points} points ({share})",
    ),
    "nothing_to_guess": ("后面没有着法可猜", "There are no moves to guess from here"),
    "analyst_title": ("第二分析者", "Second analyst"),
    "analyst_example": (
        "程序路径，或 uci:fairy-stockfish,nodes=10000 这样的写法",
        "Path of a program, or for example uci:fairy-stockfish,nodes=10000",
    ),
    "analyst_alone": ("只用模型", "The model alone"),
    "analyst_other": ("另一个引擎程序", "Another engine program"),
    "analyst_none": ("由 {model} 分析", "By {model}"),
    "analyst_both": ("由 {analyst} 分析，概率来自 {model}", "By {analyst}, chances by {model}"),
    # set-up
    "position_sound": ("局面合乎规则", "The position is sound"),
    "side_moves": ("轮到", "To move"),
    "pieces": ("棋子", "Pieces"),
    "setup_help": (
        "点选棋子再点棋盘，或直接拖动；右键拿掉。",
        "Click a piece, then the board, or drag it. Right click removes.",
    ),
    "eraser": ("拿掉", "Remove"),
    "setup_play": ("对局", "Play"),
    "setup_analyse": ("分析", "Analyse"),
}

FAULTS: Final[dict[Fault, Phrase]] = {
    Fault.NO_KING: ("{side}没有{piece}", "{side} has no {piece}"),
    Fault.TOO_MANY: ("{side}的{piece}太多", "{side} has too many {piece}s"),
    Fault.WRONG_PLACE: ("{side}的{piece}不能放在 {square}", "{side}'s {piece} cannot stand on {square}"),
    Fault.KINGS_FACE: ("将帅照面", "The kings face each other"),
    Fault.CAPTURABLE_KING: ("{side}被将军，却轮到对方走", "{side} is in check, but the other side moves"),
}

#: Names of the piece types, by type.
PIECES: Final[tuple[Phrase, ...]] = (
    ("", ""),
    ("将帅", "king"),
    ("士", "advisor"),
    ("象", "elephant"),
    ("马", "horse"),
    ("车", "rook"),
    ("炮", "cannon"),
    ("兵卒", "pawn"),
)
