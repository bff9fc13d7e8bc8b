"""What commands say in Chinese where the system speaks it, and that nothing of it is missing."""

from __future__ import annotations

import argparse
import ast
import re
import string
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from xiangqi_gpt.commands import play, translation
from xiangqi_gpt.commands.main import COMMANDS, main
from xiangqi_gpt.commands.output import broken_lines, display_width
from xiangqi_gpt.commands.translation import LOCALE, tr
from xiangqi_gpt.extras import how_to_add

FOLDER = Path(play.__file__).parent
CHINESE: dict[str, str] = tomllib.loads((LOCALE / "zh.toml").read_text("utf-8"))


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")


def looked_up() -> set[str]:
    """The English sentences that stand in the code in a call of ``tr``, or in a variable that one is given."""
    found = set(COMMANDS.values())
    for path in FOLDER.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        assigned = {
            name.id: node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for name in node.targets
            if isinstance(name, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr":
                said = node.args[0]
                text = assigned.get(said.id) if isinstance(said, ast.Name) else getattr(said, "value", None)
                found |= {text} if isinstance(text, str) else set()
    return found


def test_every_sentence_has_its_chinese() -> None:
    parser = play._parser()
    wanted = looked_up() | {parser.description or ""} | {action.help or "" for action in parser._actions}
    assert len(wanted) > 60
    assert not wanted - set(CHINESE)


def test_the_blanks_of_a_sentence_are_kept() -> None:
    for english, said in CHINESE.items():
        names = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (english, said)]
        assert names[0] == names[1], english
        percents = [sorted(re.findall(r"%(?:\(\w+\))?[srd]", text)) for text in (english, said)]
        assert percents[0] == percents[1], english


def test_nothing_is_translated_that_nobody_says() -> None:
    source = "".join(path.read_text("utf-8") for path in (*FOLDER.glob("*.py"), Path(argparse.__file__)))
    source += Path(how_to_add.__code__.co_filename).read_text("utf-8")
    joined = re.sub(r'"\s*\n\s*f?"', "", source)
    assert [text for text in CHINESE if text not in joined.replace("\\n", "\n")] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["paly"], "没有 'paly' 这个命令，是不是 play？"),
        (["play", "nofile.pgn"], "没有这个文件：nofile.pgn"),
        (["play", "--seed", "x"], "--seed：值 'x' 无效"),
        (["play", "--rated"], "--rated 要与 --terminal 同用"),
        (["play", "--terminal", "--fen", "9/9 w"], "棋盘应当有 10 行（a board has 10 ranks"),
        (["records", "stats", "nofile.pgn"], "找不到棋谱文件：nofile.pgn（no such file: nofile.pgn）"),
        (["records", "convert", "a.pgn"], "缺少参数："),
    ],
)
def test_errors_are_told_in_chinese(
    words: Sequence[str], said: str, chinese: None, refusal: Callable[[Sequence[str]], str]
) -> None:
    assert said in refusal(words)


def test_help_is_in_chinese_and_no_line_is_too_long(
    chinese: None, monkeypatch: pytest.MonkeyPatch, program: Callable[..., object]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for words in (("--help",), ("play", "-h")):
        out = program(*words).stdout  # type: ignore[attr-defined]
        assert out.startswith("用法：") and "这份说明" in out
        assert max(map(display_width, out.splitlines())) <= 96


def test_a_terminal_without_chinese_letters_is_told_in_english(chinese: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Latin:
        encoding = "latin-1"

    assert tr("it is a folder") == "这是一个文件夹"
    monkeypatch.setattr(translation.sys, "stderr", Latin())
    assert tr("it is a folder") == "it is a folder"


def test_lines_of_chinese_break_between_letters_and_not_before_a_stop() -> None:
    assert broken_lines("一二三四，五 six seven", 8) == ["一二三", "四，五", "six", "seven"]


def test_examples_keep_their_lines_in_chinese_too(chinese: None, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["average", "--help"])
    examples = [line for line in capsys.readouterr().out.splitlines() if line.strip().startswith("xiangqi-gpt average")]
    assert len(examples) >= 2
