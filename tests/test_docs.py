"""The pages for people: the reference is up to date, what is shown can be typed, links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from pages import ROOT, blocks, calls, inline_calls, text
from patience import PATIENCE

from xiangqi_gpt.commands.main import COMMANDS

PAGES = [
    *("README.md", "README.zh.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"),
    *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))),
]
#: Pages in English that are there in Chinese too.
IN_CHINESE = ("README.md", "docs/board.md", "docs/for-players.md", "docs/levels.md")


@cache
def reference() -> ModuleType:
    """``docs/make_cli_reference.py``, which lies in no package."""
    spec = importlib.util.spec_from_file_location("make_cli_reference", ROOT / "docs" / "make_cli_reference.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_command_line_reference_is_up_to_date() -> None:
    made = reference()
    assert text("docs/cli.md") == made.reference(), "run: python docs/make_cli_reference.py"


def shown(page: str) -> list[tuple[str, ...]]:
    """The calls that a page shows, each once; CONTRIBUTING's sentences show what works after a change."""
    return list(dict.fromkeys(calls(page) + (inline_calls(page) if page != "CONTRIBUTING.md" else [])))


@pytest.mark.parametrize(("page", "call"), [(page, call) for page in PAGES for call in shown(page)])
def test_the_parser_takes_each_command(page: str, call: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert call[0] in COMMANDS
    parser_of, parser, rest = reference().parser_of, None, call[1:]
    if len(call) > 1 and call[0] in ("records", "puzzles"):
        stubs = {"records": ("stats", "check", "convert"), "puzzles": ()}[call[0]]
        is_inner = call[0] == "records" or call[1] == "mine"
        if is_inner and call[1] not in stubs:
            parser, rest = parser_of(*call[:2]), call[2:]
    if call[0] == "report" and call[1] not in ("compare", "runs"):
        rest = ("runs", *rest)  # where folders of runs come first, the command adds this itself
    try:
        (parser or parser_of(call[0])).parse_args(rest)
    except SystemExit:
        pytest.fail(capsys.readouterr().err)


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("play", ".venv/bin/python play.py"),
        ("tests", '.venv/bin/python -m pytest -q -n auto --dist worksteal -m "not slow"'),
    ],
)
def test_the_command_that_ci_runs_is_marked(name: str, last: str) -> None:
    block = re.search(rf"<!-- run: {name} -->\n```sh\n(.*?)\n```", text("README.md"), re.S)
    assert block is not None
    assert block[1].endswith(last)
    assert ("xiangqi-gpt warm" in block[1]) == (name == "tests")  # a game compiles for itself what it needs


@pytest.mark.slow
def test_the_example_in_python_runs() -> None:
    (block,) = blocks("README.md", "python")
    done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"([a-i]\d[a-i]\d \d+%\n){3}", done.stdout)


def test_the_notations_are_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = blocks("docs/notations.md", "python")
    exec(block, {})
    assert capsys.readouterr().out.strip() == block.rstrip().rpartition("# ")[2]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text(page)):
        if "://" not in target:
            assert ((ROOT / page).parent / target).exists(), target


@pytest.mark.parametrize("page", IN_CHINESE)
def test_pages_in_two_languages_lead_to_each_other(page: str) -> None:
    english, chinese = Path(page).name, f"{Path(page).stem}.zh.md"
    assert f"\n[中文]({chinese})\n" in text(page)
    assert f"\n[English]({english})\n" in text(f"{page.removesuffix('.md')}.zh.md")


@pytest.mark.parametrize("page", ["README.md", "docs/board.md", "docs/for-players.md"])
def test_the_chinese_page_shows_the_same_commands(page: str) -> None:
    def lines(page: str) -> list[str]:
        code = blocks(page, "sh") + blocks(page, "python")
        return [re.sub(r"\s+#.*| --language zh", "", line) for block in code for line in block.splitlines()]

    assert lines(f"{page.removesuffix('.md')}.zh.md") == lines(page)


@pytest.mark.parametrize("page", IN_CHINESE)
def test_the_chinese_page_shows_the_window_in_chinese(page: str) -> None:
    def pictures(page: str) -> list[str]:
        return re.findall(r"!\[[^]]*\]\(([^)]+)\)", text(page))

    def chinese(picture: str) -> str:
        other = f"{picture.removesuffix('.png')}.zh.png"
        return other if ((ROOT / page).parent / other).exists() else picture

    assert pictures(f"{page.removesuffix('.md')}.zh.md") == [chinese(picture) for picture in pictures(page)]


def test_the_readmes_have_one_outline() -> None:
    def shape(page: str) -> list[str]:
        return re.findall(r"^(#+ |```\w+$|!\[|\|)", text(page), re.M)

    assert shape("README.zh.md") == shape("README.md")


def test_the_chinese_page_of_levels_says_what_the_english_one_and_the_window_say() -> None:
    words = tomllib.loads((ROOT / "gui" / "locale" / "zh.toml").read_text(encoding="utf-8"))
    rows = [f"| {level} | {name} | {words['about_level'][level]} |" for level, name in words["level"].items()]
    chinese = text("docs/levels.zh.md").splitlines()
    assert [line for line in chinese if line in rows] == rows
    number = r"^\| (\d+) \| ([−+]\d+) \| (.+) \| (\d+) \|$"
    english = re.findall(number, text("docs/levels.md"), re.M)
    pairs = zip(english, re.findall(number, text("docs/levels.zh.md"), re.M), strict=True)
    assert len(english) == len(rows)
    for one, other in pairs:
        assert one[:2] + one[3:] == other[:2] + other[3:]
        assert one[2] == other[2] or not one[2].startswith(("−", "+"))


def test_hashes_are_of_the_versions_that_are_pinned() -> None:
    """Each package that plays, and what builds the project, stands there as ``constraints.txt`` pins it."""

    def plain(name: str) -> str:
        return re.sub(r"[-_.]+", "-", name).lower()

    pins = {plain(line.partition("==")[0]): line.partition("==")[2] for line in text("constraints.txt").splitlines()}
    hashed = dict(
        re.findall(r"^([\w.-]+)==(\S+) \\\n    --hash=sha256:[0-9a-f]{64}\b", text("packaging/hashes.txt"), re.M)
    )
    assert hashed.items() <= pins.items()
    assert len(hashed) == text("packaging/hashes.txt").count("==")
    setup = tomllib.loads(text("pyproject.toml"))
    wanted = setup["project"]["dependencies"] + setup["build-system"]["requires"]
    assert {plain(re.split("[^\\w.-]", line)[0]) for line in wanted} <= hashed.keys()


def test_the_architecture_page_lists_every_page() -> None:
    listed = set(re.findall(r"\]\(([\w.-]+\.md)\)", text("docs/architecture.md")))
    assert listed == {Path(page).name for page in PAGES if page.startswith("docs/")} - {"architecture.md"}
