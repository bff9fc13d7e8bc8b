"""The pages for people: the reference is up to date, what is shown can be typed, links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from pages import ROOT, blocks, calls, text
from patience import PATIENCE

from xiangqi_gpt.commands.main import COMMANDS

PAGES = [
    *("README.md", "README.zh.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"),
    *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))),
]
#: Pages whose ``sh`` blocks are meant to be typed as they stand.
TYPED = ("README.md", "README.zh.md", "CONTRIBUTING.md", "docs/tutorial.md")


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


@pytest.mark.parametrize(("page", "call"), [(page, call) for page in TYPED for call in calls(page)])
def test_the_parser_takes_each_command(page: str, call: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert call[0] in COMMANDS
    parser_of, parser, rest = reference().parser_of, None, call[1:]
    if len(call) > 1 and call[0] in ("records", "puzzles"):
        stubs = {"records": ("stats", "check", "convert"), "puzzles": ()}[call[0]]
        is_inner = call[0] == "records" or call[1] == "mine"
        if is_inner and call[1] not in stubs:
            parser, rest = parser_of(*call[:2]), call[2:]
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


def test_the_chinese_readme_shows_the_same_commands() -> None:
    def lines(page: str) -> list[str]:
        code = blocks(page, "sh") + blocks(page, "python")
        return [re.sub(r"\s+#.*", "", line) for block in code for line in block.splitlines()]

    assert lines("README.zh.md") == lines("README.md")


def test_the_architecture_page_lists_every_page() -> None:
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", text("docs/architecture.md")))
    assert listed == {Path(page).name for page in PAGES if page.startswith("docs/")} - {"architecture.md"}
