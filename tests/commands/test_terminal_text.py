"""Nothing that a file says commands the terminal: every command that prints words of records shows them harmless."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch_commands import needs

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.files import terminal_text
from xiangqi_gpt.records import Game, write_corpus, write_pgn
from xiangqi_gpt.rules import Move

COMMANDS = Path(__file__).resolve().parents[2] / "xiangqi_gpt" / "commands"
#: Modules that print by themselves: the helper, a protocol for programs, a game in a terminal, a line drawn anew.
_OWN_PRINT = {"output.py", "engine.py", "terminal.py", "kernel_stages.py"}
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_NASTY = st.text(
    st.sampled_from("\x1b\x9b\x07\x08\x7f\r\x00\x85\u202e\u2066\u200f[]2Jm;甲a \t"), min_size=1, max_size=12
)
#: Commands that print what records say; FILES are the inputs of a kind.
CALLS = (
    "records stats PGN",
    "records stats CORPUS",
    "records stats CORPUS --json",
    "records check PGN BROKEN",
    "records check PGN ODD",
    "records convert PGN OUT.pgn --force",
    "records convert BROKEN OUT.pgn --force",
    "records convert BROKEN OUT.pgn --force --on-illegal cut",
    "records import PGN BROKEN --out OUT.parquet --workers 1 --force",
    "records export CORPUS --out OUT.pgn --force",
    "records query CORPUS --columns event,red,black,source",
    "records query CORPUS --columns red --order WRONG",
    "records openings CORPUS",
    "records index compact PGN --out OUT.npz --min-games 1",
    "records tokenize BROKEN --out OUT-tokens",
    "puzzles random --file PGN --limit 1",
    "puzzles mine PGN --processes 1 --out OUT.jsonl --force",
    "analyse PGN --model MODEL",
    "analyse BROKEN --model MODEL",
    "analyse PGN --model MODEL --json",
    "rules check CASES",
)


def test_every_line_goes_through_say() -> None:
    modules = {path.name: path.read_text(encoding="utf-8") for path in COMMANDS.rglob("*.py")}
    assert {name for name, text in modules.items() if re.search(r"(?<![\w.])print\(", text)} == _OWN_PRINT


@given(st.text())
def test_text_for_a_terminal_has_no_control_characters_and_loses_nothing_else(text: str) -> None:
    shown = terminal_text(text)
    assert not _UNSAFE.search(shown)
    assert re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), shown) == (
        re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)
    )


def _files(folder: Path, nasty: str) -> dict[str, str]:
    """Inputs whose tags, comments, moves and names hold a text."""
    name = re.sub(r"[/\x00]", "", nasty)
    tags = dict.fromkeys(("Event", "Red", "Black", "ECCO", "Opening", "Kind", "Source", "Site"), f"x{nasty}")
    game = Game([Move.from_iccs("h2e2"), Move.from_iccs("h9g7")], tags=tags, comments={1: nasty}, result="1-0")
    written = {key: folder / f"{key}{name}.{end}" for key, end in (("PGN", "pgn"), ("CORPUS", "parquet"))}
    write_pgn([game], written["PGN"])
    write_corpus([game], written["CORPUS"])
    for key, text in (
        (
            "BROKEN",
            f'[Event "{nasty}"]\n[FEN "{nasty}"]\n\n1. h2e2 {nasty} h0{nasty}h9 *\n'
            f'[Result "{nasty}"]\n\n1. h2e2 a0a9{nasty}',
        ),
        ("ODD", f"1. h2e2 {nasty} h9g7 {nasty}\n{nasty} \u8463: {nasty}"),
        ("CASES", f'{{"fen": "{nasty}", "moves": [], "game_end": true}}'),
    ):
        written[key] = folder / f"{key}{name}.txt"
        written[key].write_text(text, encoding="utf-8", errors="replace", newline="")
    return {key: str(path) for key, path in written.items()}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="names of files there have no control characters")
@pytest.mark.parametrize("call", [pytest.param(call, marks=needs(call)) for call in CALLS])
def test_nothing_of_a_record_reaches_a_terminal_raw(
    call: str, tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str], nano_model: Path
) -> None:
    @settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(_NASTY)
    def check(nasty: str) -> None:
        folder = tmp_path_factory.mktemp("nasty")
        values = _files(folder, nasty) | {"MODEL": str(nano_model), "WRONG": nasty}
        words = [values.get(word, word.replace("OUT", f"{folder}/OUT")) for word in call.split()]
        with contextlib.suppress(SystemExit):
            main(words)
        out, err = capfd.readouterr()
        assert not _UNSAFE.search(out), out
        assert not _UNSAFE.search(re.sub(r"\r[^\r\n]*(?=\r|\n|$)", "", err)), "but for bars of progress"

    check()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_games_written_to_a_terminal_are_shown_harmless_and_to_a_pipe_as_they_are(tmp_path: Path) -> None:
    import pty

    file = tmp_path / "a.pgn"
    file.write_text('[Event "\x1b[2J甲"]\n\n1. h2e2 *\n', encoding="utf-8")
    command = [sys.executable, "-m", "xiangqi_gpt", "records", "convert", str(file), "-"]
    terminal, process_end = pty.openpty()
    piped = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    subprocess.run(command, stdout=process_end, stderr=subprocess.DEVNULL, check=True)
    os.close(process_end)
    shown = os.read(terminal, 1 << 16)
    os.close(terminal)
    assert b'[Event "\x1b[2J' in piped and b"\x1b" not in shown and "\\u001b[2J甲".encode() in shown
